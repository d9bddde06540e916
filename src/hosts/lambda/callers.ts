import { AsyncLocalStorage } from 'node:async_hooks';
import type { AccessServices, Decision, Identity } from '../../access/index.js';
import { SCOPES, type Scope } from '../../access/port.js';
import type { Guard } from '../../http/guard/access.js';

/** Who invoked the function, as the event says: never a header, which anybody can write. */
export type Invoker = { kind: 'direct' } | { kind: 'gateway'; identity: Identity | undefined };

/**
 * Who invoked the function, for whatever happens in the course of that invocation. A request of which it is not
 * known was not made by the handler, and is answered to nobody.
 */
export const invokers = new AsyncLocalStorage<Invoker>();

/**
 * Tells callers apart by what API Gateway says of them; a direct invocation was decided on by IAM.
 * @param open opens access, which direct invocations have no need for
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
      const detail =
        'API Gateway did not say who calls: it needs the authorizer in front of this route';
      return { allowed: false, code: 'unauthenticated', detail };
    },
    services() {
      if (opened) return opened;
      throw new Error('nobody was let in yet');
    },
  };
}

/** What our authorizer said, in the place where API Gateway puts it for its kind of API. */
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
