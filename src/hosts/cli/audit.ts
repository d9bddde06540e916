import type { Command } from 'commander';
import type { AuditEntry } from '../../access/index.js';
import { openAuditFiles } from '../../compose/access.js';
import { readConfig } from '../../compose/config.js';
import { LapidaryError } from '../../core/errors.js';
import { parseInstant } from '../../core/instant.js';
import { print } from './output.js';

/** Adds the command that prints the audit log, one entry a line. */
export function addAuditCommand(lapidary: Command): void {
  lapidary
    .command('audit')
    .description('Print the audit log: changes by admins, over HTTP and with these commands')
    .option(
      '--since <time>',
      'first time to print, such as 2026-01-31 or 2026-01-31T10:00:00Z (default: all)',
    )
    .option('--json', 'print each entry as a line of JSON')
    .action(async ({ since, json }: { since?: string; json?: true }) => {
      const log = await openAuditFiles(readConfig());
      if (since !== undefined && Number.isNaN(parseInstant(since))) {
        const detail = `--since must be an ISO 8601 time such as 2026-01-31, not "${since}"`;
        throw new LapidaryError('invalid_request', detail);
      }
      for await (const entry of log.read(since))
        print(json ? JSON.stringify(entry) : lineOf(entry));
    });
}

function lineOf({ at, phase, by, operation, subject, outcome, request }: AuditEntry): string {
  const about = Object.entries(subject).map(([kind, name]) => `${kind}=${name}`);
  const what = [operation, ...about].join(' ');
  const ended = Object.values(outcome ?? {}).map((value) => (value === true ? 'done' : value));
  return [at, request, callerOf(by), what, [phase, ...ended].join(' ')].join('  ');
}

function callerOf(by: AuditEntry['by']): string {
  if ('user' in by) return `user ${by.user}`;
  return 'client' in by ? `${by.client} (${by.key})` : 'no key required';
}
