import { type AuditEntry, type AuditLog, audited } from './audit.js';
import type { AccessService } from './service.js';

/** Returns the same service, which also logs every change. */
export function auditKeys(
  keys: AccessService,
  log: AuditLog,
  who: Pick<AuditEntry, 'by' | 'request'>,
): AccessService {
  const auditing: AccessService = Object.create(keys);
  const act = (operation: string, subject: Record<string, string | undefined>) => ({
    ...who,
    operation,
    subject: Object.fromEntries(
      Object.entries(subject).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  });
  const id = (made: { id: string }) => ({ id: made.id });
  auditing.createClient = (client) =>
    audited(log, act('createClient', { id: client.id, plan: client.plan }), () =>
      keys.createClient(client),
    );
  auditing.changeClient = (client, change) =>
    audited(log, act('changeClient', { client, plan: change.plan }), () =>
      keys.changeClient(client, change),
    );
  auditing.createKey = (client, scopes, expiresAt) =>
    audited(
      log,
      act('createKey', { client, expiresAt }),
      () => keys.createKey(client, scopes, expiresAt),
      id,
    );
  auditing.revokeKey = (key) => audited(log, act('revokeKey', { key }), () => keys.revokeKey(key));
  auditing.rotateKey = (key, graceMs) =>
    audited(log, act('rotateKey', { key }), () => keys.rotateKey(key, graceMs), id);
  auditing.putPlan = (plan, terms) =>
    audited(log, act('putPlan', { plan }), () => keys.putPlan(plan, terms));
  return auditing;
}
