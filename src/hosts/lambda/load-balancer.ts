import type { APIGatewayProxyEvent } from 'aws-lambda';

type Event = Record<string, unknown>;
type Values = Record<string, string[]>;

/** An answer as API Gateway takes it. */
interface Answer {
  statusCode: number;
  headers?: Record<string, unknown>;
}

/** Whether an event comes from an Application Load Balancer. */
export function isLoadBalancer(event: unknown): event is Event {
  const { requestContext } = event as { requestContext?: { elb?: unknown } };
  return typeof requestContext?.elb === 'object' && requestContext.elb !== null;
}

/**
 * Rewrites the event of a load balancer to what the adapter reads. A target group with multi-value headers sends
 * lists alone, and every load balancer sends its query as the client wrote it.
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

/** Writes an answer as the load balancer that sent the event takes it: with lists where it sent lists. */
export function toLoadBalancer({ multiValueHeaders }: Event, answer: Answer): unknown {
  if (!multiValueHeaders) return answer;
  const { headers = {}, ...rest } = answer;
  const lists = Object.entries(headers).map(([name, value]) => [name, [String(value)]]);
  return { ...rest, multiValueHeaders: Object.fromEntries(lists) };
}

function listed(values: Record<string, string> | null | undefined): Values {
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, [value]]));
}

/** The adapter decodes percent escapes, and throws at those that do not decode. */
function decodable(text: string): string {
  const spaced = text.replaceAll('+', '%20');
  try {
    decodeURIComponent(spaced);
    return spaced;
  } catch {
    return encodeURIComponent(text);
  }
}
