import { redactFields } from '../core/redact.js';

/** One administrative operation, at its beginning or end. */
export interface AuditEntry {
  /** ISO 8601, UTC. */
  at: string;
  /** `begun` is appended before the operation; without an `ended` entry it was interrupted. */
  phase: 'begun' | 'ended';
  /** The client and its key, or a user of this machine. */
  by: { client: string; key: string } | { user: string } | { nobody: true };
  /** The operationId of the API, such as revokeKey. */
  operation: string;
  /** The changed resource by kind: key, client, plan, model, alias or version. */
  subject: Readonly<Record<string, string>>;
  /** An HTTP status or an error code. */
  outcome?: { status: number } | { error: string } | { done: true };
  /** The id of the request, also in the log. */
  request: string;
}

/** An append-only log of administrative operations. */
export interface AuditLog {
  /** Resolves once the entry is durable. */
  append(entry: AuditEntry): Promise<void>;
}

/** An audit log that can be read. */
export interface ReadableAuditLog extends AuditLog {
  /** Reads the entries, oldest first. @param since ISO 8601; all by default */
  read(since?: string): AsyncIterable<AuditEntry>;
}

type Act = Pick<AuditEntry, 'by' | 'operation' | 'subject' | 'request'>;

/**
 * Runs an operation and logs its beginning and end. It does not run unless the beginning is logged.
 * @param named returns the fields of the subject that are only known afterwards
 */
export async function audited<Result>(
  log: AuditLog,
  act: Act,
  action: () => Promise<Result>,
  named: (result: Result) => Record<string, string> = () => ({}),
): Promise<Result> {
  const { operation, by, request } = act;
  const about = redactFields(act.subject);
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
