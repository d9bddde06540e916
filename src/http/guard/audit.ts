import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { AuditEntry, AuditLog } from '../../access/index.js';
import { isWriting, operationOf } from '../../api/policy.js';
import { LapidaryError } from '../../core/errors.js';
import { redactFields } from '../../core/redact.js';
import { storageFailure } from '../../core/storage-failure.js';

type Open = () => Promise<AuditLog>;

/** Fields of bodies and answers that are copied into the audit log. */
const COPIED = ['id', 'client', 'plan', 'version', 'expected', 'expiresAt'];

/** Subjects of the requests in progress. */
const begun = new WeakMap<FastifyRequest, Record<string, string>>();

/**
 * Records the changes of admins in the audit log, before they are made and before they are answered. Refused requests are not
 * recorded: their sender could fill the disk.
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
      await log.append({ at, operation, by: callerOf(request), request: request.id, ...rest });
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
      // Changes that a client makes to its own models could fill the disk.
      if (request.caller && !request.caller.scopes.includes('admin')) return;
      const subject = { ...fieldsOf(request.params), ...fieldsOf(request.body, COPIED) };
      await write(request, { phase: 'begun', subject });
      begun.set(request, subject);
    },
  ];
  route.preSerialization = [
    ...[route.preSerialization ?? []].flat(),
    async (request: FastifyRequest, _reply: unknown, payload: unknown) => {
      const subject = begun.get(request);
      if (subject && !Object.hasOwn(Object(payload), 'status'))
        Object.assign(subject, fieldsOf(payload, COPIED));
      return payload;
    },
  ];
  route.onSend = [
    ...[route.onSend ?? []].flat(),
    async (request: FastifyRequest, reply: { statusCode: number }, payload: unknown) => {
      const subject = begun.get(request);
      // If this fails, the answer is a new one, which must not be recorded again.
      begun.delete(request);
      const outcome = { status: reply.statusCode };
      if (subject) await write(request, { phase: 'ended', subject, outcome });
      return payload;
    },
  ];
}

function callerOf({ caller }: FastifyRequest): AuditEntry['by'] {
  return caller ? { client: caller.client, key: caller.key } : { nobody: true };
}

/** Returns the text fields of an object, or those with these names: an answer can contain a new key. */
function fieldsOf(from: unknown, names?: readonly string[]): Record<string, string> {
  if (typeof from !== 'object' || from === null) return {};
  const given = Object.entries(from).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && (names === undefined || names.includes(entry[0])),
  );
  return redactFields(Object.fromEntries(given));
}
