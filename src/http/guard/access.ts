import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  preHandlerHookHandler,
} from 'fastify';
import type { AccessServices, Caller, Decision } from '../../access/index.js';
import type { Scope } from '../../access/port.js';
import { LapidaryError } from '../../core/errors.js';
import { meterRoute } from './metering.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The authenticated caller; null where keys are not required. */
    caller: Caller | null;
  }
}

/** Identifies the callers of the API. */
export interface Guard {
  /** Decides whether a request may call a route that requires one of these scopes. */
  decide(request: FastifyRequest, scopes: readonly Scope[]): Decision | Promise<Decision>;
  /** Returns the services that know authenticated callers; called only when there is one. */
  services(): AccessServices;
}

/** Identifies callers by the keys in their headers. */
export function guardByKey(access: AccessServices): Guard {
  return {
    decide: ({ headers }, scopes) => access.gate.decide({ key: keyOf(headers), scopes }),
    services: () => access,
  };
}

/** Returns the key in the headers of a request; `Authorization` takes precedence. */
export function keyOf(headers: {
  authorization?: string | undefined;
  'x-api-key'?: string | string[] | undefined;
}): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) return bearerOf(authorization);
  const key = headers['x-api-key'];
  return typeof key === 'string' && key !== '' ? key : undefined;
}

function bearerOf(authorization: string): string | undefined {
  if (authorization.startsWith('Bearer lap_')) return authorization.slice(7);
  return /^bearer +(\S+)\s*$/i.exec(authorization)?.[1];
}

const REALM = 'Bearer realm="lapidary"';

/** Requires a key with a scope of the route, on each route that is mounted later. */
export function guardRoutes(app: FastifyInstance, guard: Guard): void {
  app.decorateRequest('caller', null);
  app.decorateRequest('reservation', null);
  app.addHook('onRoute', (route) => {
    const { access, accessToBody } = route.config!;
    if (access === 'open') return;
    // First of all hooks: without a key, a caller learns nothing else.
    route.onRequest = [authenticate(access, guard), ...[route.onRequest ?? []].flat()];
    if (accessToBody)
      route.preHandler = [authoriseBody(accessToBody), ...[route.preHandler ?? []].flat()];
    meterRoute(route, () => guard.services());
  });
}

function authenticate(scopes: readonly Scope[], guard: Guard): onRequestHookHandler {
  return (request, reply, done) => {
    const settle = (decision: Decision): void => {
      if (!decision.allowed) done(deny(reply, decision, scopes));
      else if (decision.caller === null) done();
      else {
        request.caller = decision.caller;
        done(limitRate(guard.services().limiter, decision.caller, reply));
      }
    };
    const decision = guard.decide(request, scopes);
    if (decision instanceof Promise) decision.then(settle, done);
    else settle(decision);
  };
}

function authoriseBody(scopeOf: (body: unknown) => Scope | undefined): preHandlerHookHandler {
  return ({ caller, body }, reply, done) => {
    const scope = scopeOf(body);
    if (caller === null || scope === undefined || caller.scopes.includes(scope)) return done();
    const detail = `this body requires the scope ${scope}; the key has ${caller.scopes.join(', ')}`;
    done(deny(reply, { allowed: false, code: 'forbidden', detail }, [scope]));
  };
}

/**
 * Takes a token off the rate limit of a key, and adds the headers of draft-ietf-httpapi-ratelimit-headers.
 * @returns why the request is refused; undefined when it may pass
 */
function limitRate(
  limiter: AccessServices['limiter'],
  caller: Caller,
  reply: FastifyReply,
): LapidaryError | undefined {
  const standing = limiter.take(caller);
  if (standing === undefined) return undefined;
  const { policy, remaining, reset, retryAfter } = standing;
  reply.header('ratelimit-policy', policy);
  reply.header('ratelimit', `"requests";r=${remaining};t=${reset}`);
  if (retryAfter === 0) return undefined;
  reply.header('retry-after', retryAfter);
  const { name, requestsPerSecond, burst } = caller.plan;
  const detail = `the plan ${name} allows ${requestsPerSecond} requests a second, and ${burst} at once`;
  return new LapidaryError('rate_limited', detail);
}

function deny(
  reply: FastifyReply,
  { code, detail }: Decision & { allowed: false },
  scopes: readonly Scope[],
): LapidaryError {
  const why =
    code === 'forbidden'
      ? `${REALM}, error="insufficient_scope", scope="${scopes.join(' ')}"`
      : REALM;
  reply.header('www-authenticate', why);
  return new LapidaryError(code, detail);
}
