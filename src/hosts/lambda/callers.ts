import { AsyncLocalStorage } from 'node:async_hooks';
import type { AccessServices, Decision, Identity } from '../../access/index.js';
import { SCOPES, type Scope } from '../../access/port.js';
import type { Guard } from '../../http/guard/access.js';

/** The invoker of the function, as the event names it. Headers are not trusted. */
export type Invoker = { kind: 'direct' } | { kind: 'gateway'; identity: Identity | undefined };

/** Invoker of the current invocation. A request without one was not made by the handler, and is refused. */
export const invokers = new AsyncLocalStorage<Invoker>();

/**
 * Identifies callers by the context of API Gateway's authorizer; IAM has authorised direct invocations.
 * @param open opens access; direct invocations do not need it
 */
export function guardByInvoker(open: () => Promise<AccessServices>): Guard {
  let opened: AccessServices | undefined;
  const admit = async (identity: Identity, scopes: readonly Scope[]): Promise<Decision> => {
    opened ??= await open();
    return opened.gate.admit(identity, scopes);
  };
  return {
    decide(_request, scopes) {
      const invoker = invokers.getStore();
      if (invoker?.kind === 'direct') return { allowed: true, caller: null };
      if (invoker?.identity) return admit(invoker.identity, scopes);
      const detail = 'API Gateway did not identify the caller: add the authorizer to this route';
      return { allowed: false, code: 'unauthenticated', detail };
    },
    services() {
      if (opened) return opened;
      throw new Error('no caller was authenticated yet');
    },
  };
}

/** Returns the identity from the authorizer; its position in the event depends on the kind of API. */
export function identityOf(event: unknown): Identity | undefined {
  const { version, requestContext } = event as {
    version?: unknown;
    requestContext?: { authorizer?: Record<string, unknown> | null };
  };
  const authorizer = requestContext?.authorizer ?? {};
  const context = (version === '2.0' ? authorizer.lambda : authorizer) as Record<string, unknown>;
  const { client, key, scopes } = context ?? {};
  if (typeof client !== 'string' || typeof key !== 'string' || typeof scopes !== 'string')
    return undefined;
  if (client === '' || key === '') return undefined;
  const named = scopes.split(' ');
  return { client, key, scopes: SCOPES.filter((scope) => named.includes(scope)) };
}
