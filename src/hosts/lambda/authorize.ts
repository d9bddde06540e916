import type {
  APIGatewayAuthorizerResult,
  APIGatewaySimpleAuthorizerWithContextResult,
} from 'aws-lambda';
import type { Caller, Decision, Gate } from '../../access/index.js';
import { LapidaryError } from '../../core/errors.js';
import { keyOf } from '../../http/guard/access.js';

/** Context that API Gateway forwards to the API function: flat text, as REST APIs require. */
export interface AuthorizerContext {
  client: string;
  key: string;
  plan: string;
  /** Separated by spaces. */
  scopes: string;
}

/** Answers one event of an authorizer. */
export type Authorizer = (
  event: unknown,
) => Promise<
  | APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext | Record<string, never>>
  | APIGatewayAuthorizerResult
>;

/** Makes API Gateway answer 401; it answers any other error with 500. */
class Unauthorized extends Error {
  override readonly name = 'Unauthorized';
  constructor() {
    super('Unauthorized');
  }
}

/**
 * Creates the authorizer of the API, which validates keys. API Gateway may cache its answer for all routes, so it does
 * not decide on scopes: the API function does, by the context.
 */
export function createAuthorizer(gate: Pick<Gate, 'decide'>): Authorizer {
  return async (event) => {
    const request = classifyAuthorizerEvent(event);
    const decision = await gate.decide({ key: request.key });
    return request.kind === 'simple' ? simple(decision) : policy(decision, request.methodArn);
  };
}

function simple(decision: Decision) {
  if (!decision.allowed || !decision.caller) return { isAuthorized: false, context: {} };
  return { isAuthorized: true, context: contextOf(decision.caller) };
}

/** @throws Unauthorized */
function policy(decision: Decision, methodArn: string): APIGatewayAuthorizerResult {
  if (!decision.allowed || !decision.caller) throw new Unauthorized();
  const { caller } = decision;
  return {
    principalId: caller.client,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [
        { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: everyRouteOf(methodArn) },
      ],
    },
    context: { ...contextOf(caller) },
  };
}

function contextOf({ client, key, plan, scopes }: Caller): AuthorizerContext {
  return { client, key, plan: plan.name, scopes: scopes.join(' ') };
}

/** Returns `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH` for any method and path. */
function everyRouteOf(methodArn: string): string {
  const [api, stage] = methodArn.split('/', 2);
  return `${api}/${stage}/*/*`;
}

type AuthorizerRequest =
  | { kind: 'simple'; key: string | undefined }
  | { kind: 'policy'; key: string | undefined; methodArn: string };

/**
 * Classifies the event of an authorizer by its shape.
 * @throws LapidaryError `unknown_event`
 */
function classifyAuthorizerEvent(event: unknown): AuthorizerRequest {
  const { version, type, methodArn, authorizationToken, headers, routeArn } = (event ??
    {}) as Record<string, unknown>;
  if (version === '2.0' && type === 'REQUEST' && typeof routeArn === 'string')
    return { kind: 'simple', key: keyOf(lowerCased(headers)) };
  if (typeof methodArn === 'string') {
    if (type === 'TOKEN' && typeof authorizationToken === 'string')
      return { kind: 'policy', methodArn, key: tokenOf(authorizationToken) };
    if (type === 'REQUEST') return { kind: 'policy', methodArn, key: keyOf(lowerCased(headers)) };
  }
  throw new LapidaryError(
    'unknown_event',
    'expected the event of an authorizer: of an HTTP API (payload 2.0), or of a REST API (TOKEN or REQUEST)',
  );
}

/** Returns the key of a TOKEN authorizer, whose header has a scheme or the key alone. */
function tokenOf(token: string): string | undefined {
  return keyOf(/\s/.test(token.trim()) ? { authorization: token } : { 'x-api-key': token.trim() });
}

/** Returns headers by lower-case name, since REST APIs forward them as written. Contradicting duplicates are emptied. */
function lowerCased(headers: unknown): Record<string, string> {
  const lower = new Map<string, string>();
  for (const [written, value] of Object.entries((headers ?? {}) as Record<string, string>)) {
    const name = written.toLowerCase();
    lower.set(name, (lower.get(name) ?? value) === value ? value : '');
  }
  return Object.fromEntries(lower);
}
