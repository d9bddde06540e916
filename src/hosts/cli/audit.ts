import type { AuditEntry, ReadableAuditLog } from '../../access/index.js';
import { LapidaryError } from '../../core/errors.js';
import { parseInstant } from '../../core/instant.js';
import { print } from './output.js';

/** Prints the audit log, one entry a line. */
export async function showAudit(
  log: ReadableAuditLog,
  { since, json }: { since?: string; json?: true },
): Promise<void> {
  if (since !== undefined && Number.isNaN(parseInstant(since)))
    throw new LapidaryError(
      'invalid_request',
      `--since must be an ISO 8601 time such as 2026-01-31, not "${since}"`,
    );
  for await (const entry of log.read(since)) print(json ? JSON.stringify(entry) : lineOf(entry));
}

function lineOf({ at, phase, by, operation, subject, outcome, request }: AuditEntry): string {
  const about = Object.entries(subject).map(([kind, name]) => `${kind}=${name}`);
  const what = [operation, ...about].join(' ');
  const ended = Object.values(outcome ?? {}).map((value) => (value === true ? 'done' : value));
  return [at, request, whoOf(by), what, [phase, ...ended].join(' ')].join('  ');
}

function whoOf(by: AuditEntry['by']): string {
  if ('user' in by) return `user ${by.user}`;
  return 'client' in by ? `${by.client} (${by.key})` : 'no key required';
}
