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
import { keyOf } from './key-header.js';
import { admitJobs, meterPredictions, meterStorage } from './metering.js';
import { keepRate } from './rate.js';
import { operationOf, scopesOf } from './scopes.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who was let in; null where nobody is asked. */
    caller: Caller | null;
  }
}

/** How the API finds out who calls. */
export interface Guard {
  /** Decides whether a request may pass to a route that needs one of these scopes. */
  decide(request: FastifyRequest, scopes: readonly Scope[]): Decision | Promise<Decision>;
  /** What knows the callers that were let in; asked for only when there is one. */
  services(): AccessServices;
}

/** Tells callers apart by the keys in their headers. */
export function guardByKey(access: AccessServices): Guard {
  return {
    decide: ({ headers }, scopes) => access.gate.decide({ key: keyOf(headers), scopes }),
    services: () => access,
  };
}

const REALM = 'Bearer realm="lapidary"';

/** Lets nobody pass to a route that is mounted from now on without a key of its scope. */
export function guardRoutes(app: FastifyInstance, guard: Guard): void {
  app.decorateRequest('caller', null);
  app.decorateRequest('reserved', 0);
  app.addHook('onRoute', (route) => {
    const scopes = scopesOf(route);
    if (scopes === 'open') return;
    // Before all others: whoever may not call learns nothing else.
    route.onRequest = [askFor(scopes, guard), ...[route.onRequest ?? []].flat()];
    if (operationOf(route) === 'predictBatch')
      route.preHandler = [askForDataset, ...[route.preHandler ?? []].flat()];
    meterPredictions(route, () => guard.services());
    meterStorage(route, () => guard.services());
    admitJobs(route, () => guard.services());
  });
}

function askFor(scopes: readonly Scope[], guard: Guard): onRequestHookHandler {
  return (request, reply, done) => {
    const settle = (decision: Decision): void => {
      if (!decision.allowed) done(deny(reply, decision, scopes));
      else if (decision.caller === null) done();
      else {
        request.caller = decision.caller;
        done(keepRate(guard.services().limiter, decision.caller, reply));
      }
    };
    const decision = guard.decide(request, scopes);
    if (decision instanceof Promise) decision.then(settle, done);
    else settle(decision);
  };
}

/** What is predicted of a dataset has its rows in it: whoever may not read them may not have them this way. */
const askForDataset: preHandlerHookHandler = ({ caller, body }, reply, done) => {
  const isOfDataset = Object.hasOwn(Object(body), 'dataset');
  if (caller === null || !isOfDataset || caller.scopes.includes('data')) done();
  else {
    const detail = `to read a dataset needs the scope data; the key has ${caller.scopes.join(', ')}`;
    done(deny(reply, { allowed: false, code: 'forbidden', detail }, ['data']));
  }
};

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
