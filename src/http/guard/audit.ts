import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { AuditEntry, AuditLog } from '../../access/index.js';
import { isWriting, operationOf } from '../../api/policy.js';
import { LapidaryError } from '../../core/errors.js';
import { redactFields } from '../../core/redact.js';
import { storageFailure } from '../../core/storage-failure.js';

type Open = () => Promise<AuditLog>;

/** What is told of a body or of an answer: what the action is about, and nothing else. */
const TOLD = ['id', 'client', 'plan', 'version', 'expected', 'expiresAt'];

/** Of each request that is being written down, what is known so far. */
const begun = new WeakMap<FastifyRequest, Record<string, string>>();

/**
 * Writes down what admins change, before it is done and before it is answered. Requests that were not let in are
 * in the log alone: their sender could fill a disk.
 */
export function auditAdmins(app: FastifyInstance, open: Open): void {
  app.addHook('onRoute', (route) => {
    if (isWriting(route) && route.config?.access.includes('admin')) auditRoute(route, open);
  });
}

function auditRoute(route: RouteOptions, open: Open): void {
  const operation = operationOf(route) ?? route.url;
  const write = async (
    request: FastifyRequest,
    rest: Pick<AuditEntry, 'phase' | 'subject' | 'outcome'>,
  ): Promise<void> => {
    const at = new Date().toISOString();
    try {
      const log = await open();
      await log.append({ at, operation, by: whoIs(request), request: request.id, ...rest });
    } catch (cause) {
      const failure = storageFailure(cause, 'writing');
      throw (
        failure ?? new LapidaryError('not_ready', 'the audit log cannot be written', [], { cause })
      );
    }
  };
  route.preHandler = [
    ...[route.preHandler ?? []].flat(),
    async (request: FastifyRequest) => {
      // What a client does to its own models could fill a disk.
      if (request.caller && !request.caller.scopes.includes('admin')) return;
      const subject = { ...told(request.params), ...told(request.body, TOLD) };
      await write(request, { phase: 'begun', subject });
      begun.set(request, subject);
    },
  ];
  route.preSerialization = [
    ...[route.preSerialization ?? []].flat(),
    async (request: FastifyRequest, _reply: unknown, payload: unknown) => {
      const subject = begun.get(request);
      if (subject && !Object.hasOwn(Object(payload), 'status'))
        Object.assign(subject, told(payload, TOLD));
      return payload;
    },
  ];
  route.onSend = [
    ...[route.onSend ?? []].flat(),
    async (request: FastifyRequest, reply: { statusCode: number }, payload: unknown) => {
      const subject = begun.get(request);
      // Should this fail, the answer is another, which must not be written down again.
      begun.delete(request);
      const outcome = { status: reply.statusCode };
      if (subject) await write(request, { phase: 'ended', subject, outcome });
      return payload;
    },
  ];
}

function whoIs({ caller }: FastifyRequest): AuditEntry['by'] {
  return caller ? { client: caller.client, key: caller.key } : { nobody: true };
}

/** Of a path all, of a body or an answer what is listed: a key that was just made is in one. */
function told(from: unknown, names?: readonly string[]): Record<string, string> {
  if (typeof from !== 'object' || from === null) return {};
  const given = Object.entries(from).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && (names === undefined || names.includes(entry[0])),
  );
  return redactFields(Object.fromEntries(given));
}
