import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Caller, Decision } from '../access/gate.js';
import type { Scope } from '../access/port.js';
import type { AccessServices } from '../access/services.js';
import { LapidaryError } from '../core/errors.js';
import { scopeOf } from './scopes.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who was let in; null where nobody is asked. */
    caller: Caller | null;
  }
}

/** How the API finds out who calls. */
export interface Guard {
  access: AccessServices;
  /** Decides on a request; by the key in its headers when this is left out. */
  decide?: (scope: Scope) => Decision | Promise<Decision>;
}

const REALM = 'Bearer realm="lapidary"';

/** Lets nobody pass to a route that is mounted from now on without a key of its scope. */
export function guardRoutes(app: FastifyInstance, guard: Guard): void {
  app.decorateRequest('caller', null);
  app.addHook('onRoute', (route) => {
    // What the table forgot is for nobody but admins.
    const scope = scopeOf(route) ?? 'admin';
    if (scope === 'open') return;
    // Before all others: whoever may not call learns nothing else.
    route.onRequest = [askFor(scope, guard), ...[route.onRequest ?? []].flat()];
  });
}

function askFor(scope: Scope, { access, decide }: Guard): onRequestHookHandler {
  const ask = (request: FastifyRequest): Decision | Promise<Decision> =>
    decide ? decide(scope) : access.gate.decide({ key: keyOf(request), scope });
  return (request, reply, done) => {
    const settle = (decision: Decision): void => {
      if (decision.allowed) {
        request.caller = decision.caller;
        done();
      } else done(deny(reply, decision, scope));
    };
    const decision = ask(request);
    if (decision instanceof Promise) decision.then(settle, done);
    else settle(decision);
  };
}

/** The key that a request has in its headers. */
function keyOf({ headers }: FastifyRequest): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) return bearerOf(authorization);
  const key = headers['x-api-key'];
  return typeof key === 'string' ? key : undefined;
}

/** The token of `Authorization: Bearer`. */
export function bearerOf(authorization: string): string | undefined {
  return /^bearer +(\S+)\s*$/i.exec(authorization)?.[1];
}

function deny(
  reply: FastifyReply,
  { code, detail }: Decision & { allowed: false },
  scope: Scope,
): LapidaryError {
  const why =
    code === 'forbidden' ? `${REALM}, error="insufficient_scope", scope="${scope}"` : REALM;
  reply.header('www-authenticate', why);
  return new LapidaryError(code, detail);
}
