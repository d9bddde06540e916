import type { APIGatewayProxyEvent } from 'aws-lambda';

type Event = Record<string, unknown>;
type Values = Record<string, string[]>;

/** An answer in the format of API Gateway. */
interface Answer {
  statusCode: number;
  headers?: Record<string, unknown>;
}

/** Returns whether an event is from an Application Load Balancer. */
export function isLoadBalancer(event: unknown): event is Event {
  const { requestContext } = event as { requestContext?: { elb?: unknown } };
  return typeof requestContext?.elb === 'object' && requestContext.elb !== null;
}

/**
 * Converts the event of a load balancer to the format of API Gateway. A target group with multi-value headers sends only
 * lists, and load balancers do not decode queries.
 */
export function fromLoadBalancer(event: Event): APIGatewayProxyEvent {
  const { headers, multiValueHeaders, queryStringParameters, multiValueQueryStringParameters } =
    event;
  const lists = (multiValueHeaders ?? undefined) as Values | undefined;
  const single = lists && Object.entries(lists).filter(([, values]) => values.length === 1);
  const query = (multiValueQueryStringParameters ??
    listed(queryStringParameters as Record<string, string> | null)) as Values;
  return {
    ...event,
    headers: single ? Object.fromEntries(single.map(([name, [value]]) => [name, value])) : headers,
    queryStringParameters: null,
    multiValueQueryStringParameters: Object.fromEntries(
      Object.entries(query).map(([name, values]) => [decodable(name), values.map(decodable)]),
    ),
  } as unknown as APIGatewayProxyEvent;
}

/** Converts an answer for the load balancer that sent the event: to lists where it sent lists. */
export function toLoadBalancer({ multiValueHeaders }: Event, answer: Answer): unknown {
  if (!multiValueHeaders) return answer;
  const { headers = {}, ...rest } = answer;
  const lists = Object.entries(headers).map(([name, value]) => [name, [String(value)]]);
  return { ...rest, multiValueHeaders: Object.fromEntries(lists) };
}

function listed(values: Record<string, string> | null | undefined): Values {
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, [value]]));
}

/** Returns text that the adapter can decode: it throws at malformed percent escapes. */
function decodable(text: string): string {
  const spaced = text.replaceAll('+', '%20');
  try {
    decodeURIComponent(spaced);
    return spaced;
  } catch {
    return encodeURIComponent(text);
  }
}
