import { redact } from '../core/redact.js';

/** Something that an admin did, or was about to do. */
export interface AuditEntry {
  /** ISO 8601, UTC. */
  at: string;
  /** Before it is done, and once it is: one that was begun and has no end was cut off. */
  phase: 'begun' | 'ended';
  /** Who: a client by its key, or a user of this machine. */
  by: { client: string; key: string } | { user: string } | { nobody: true };
  /** As in the API's documentation, such as revokeKey. */
  operation: string;
  /** What it was done to, by kind: the key, client, plan, model, alias or version. */
  subject: Readonly<Record<string, string>>;
  /** How it ended: an HTTP status, or an error's code. */
  outcome?: { status: number } | { error: string } | { done: true };
  /** Ties an end to its beginning, and to the log. */
  request: string;
}

/** Keeps what admins did. What is in it is never changed. */
export interface AuditLog {
  /** When this resolves, the entry survives the death of the process. */
  append(entry: AuditEntry): Promise<void>;
}

/** A log that can be read where it is written. */
export interface ReadableAuditLog extends AuditLog {
  /** In the order in which they were appended. @param since ISO 8601; all when left out */
  read(since?: string): AsyncIterable<AuditEntry>;
}

type Act = Pick<AuditEntry, 'by' | 'operation' | 'subject' | 'request'>;

/**
 * Does something and keeps that it was done: nothing is begun that could not be written down before.
 * @param named what is known of the subject only afterwards
 */
export async function audited<Result>(
  log: AuditLog,
  act: Act,
  action: () => Promise<Result>,
  named: (result: Result) => Record<string, string> = () => ({}),
): Promise<Result> {
  const { operation, by, request } = act;
  const about = shownSubject(act.subject);
  const begun = { by, operation, request };
  const end = (subject: AuditEntry['subject'], outcome: AuditEntry['outcome'] & object) =>
    log.append({ ...begun, at: new Date().toISOString(), phase: 'ended', subject, outcome });
  await log.append({ ...begun, at: new Date().toISOString(), phase: 'begun', subject: about });
  let result: Result;
  try {
    result = await action();
  } catch (error) {
    const { code } = error as { code?: unknown };
    await end(about, { error: typeof code === 'string' ? code : 'internal' });
    throw error;
  }
  await end({ ...about, ...named(result) }, { done: true });
  return result;
}

const LONGEST = 200;

/** A subject as it is written down: a key in place of its id is not. */
export function shownSubject(subject: Readonly<Record<string, string>>): Record<string, string> {
  const shown = Object.entries(subject).map(([kind, text]) => [
    kind,
    redact(text).slice(0, LONGEST),
  ]);
  return Object.fromEntries(shown);
}
