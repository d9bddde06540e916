import { apiGatewayV1, apiGatewayV2 } from './events.js';

/** Events of Lambda authorizers, and what API Gateway makes of their answers. */

type Request = Parameters<typeof apiGatewayV2>[0];
type Event = Record<string, unknown>;

const ARN = 'arn:aws:execute-api:eu-central-1:123456789012';

/** An HTTP API asks its REQUEST authorizer: payload format 2.0. */
export function authorizerV2(request: Request): Event {
  const { body: _body, isBase64Encoded: _encoded, ...event } = apiGatewayV2(request);
  const { requestContext } = event as { requestContext: Event };
  const key = request.headers?.authorization ?? request.headers?.['x-api-key'];
  return {
    ...event,
    type: 'REQUEST',
    routeArn: `${ARN}:${requestContext.apiId}/$default/${request.method}${request.path}`,
    identitySource: key === undefined ? null : [key],
    pathParameters: {},
    stageVariables: {},
  };
}

/** A REST API asks its REQUEST authorizer. */
export function authorizerV1(request: Request): Event {
  const { body: _body, isBase64Encoded: _encoded, ...event } = apiGatewayV1(request);
  return { ...event, type: 'REQUEST', methodArn: methodArn(request) };
}

/** A REST API asks its TOKEN authorizer. */
export function tokenEvent(request: Request, authorizationToken: string): Event {
  return { type: 'TOKEN', methodArn: methodArn(request), authorizationToken };
}

/** What an HTTP API sends on when its authorizer has let a request in. */
export function admittedV2(request: Request, context: Event): Event {
  const event = apiGatewayV2(request) as { requestContext: Event };
  return { ...event, requestContext: { ...event.requestContext, authorizer: { lambda: context } } };
}

/** What a REST API sends on, likewise: the context beside fields of its own, all text. */
export function admittedV1(request: Request, context: Event, principalId: string): Event {
  const event = apiGatewayV1(request) as { requestContext: Event };
  const text = Object.entries(context).map(([name, value]) => [name, String(value)]);
  const authorizer = { ...Object.fromEntries(text), principalId, integrationLatency: 12 };
  return { ...event, requestContext: { ...event.requestContext, authorizer } };
}

function methodArn({ method, path }: Request): string {
  return `${ARN}:f6g7h8i9j0/live/${method}${path}`;
}
