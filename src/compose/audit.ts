import { join } from 'node:path';
import type { AuditLog, ReadableAuditLog } from '../access/index.js';
import type { Config } from './config.js';

/** What admins do is written down on this machine, unless machines come and go: then it is in their logs. */
export async function openAudit(config: Config): Promise<AuditLog> {
  if (config.STORE === 'local') return openAuditFiles(config);
  const { AuditLines } = await import('../adapters/local/audit-lines.js');
  return new AuditLines(process.stderr);
}

/** The log that is kept on this machine. */
export async function openAuditFiles(config: Config): Promise<ReadableAuditLog> {
  const { LocalAuditLog } = await import('../adapters/local/audit.js');
  return new LocalAuditLog(join(config.DATA_DIR, 'access', 'audit'));
}
