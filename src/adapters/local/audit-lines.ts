import type { AuditEntry, AuditLog } from '../../access/index.js';

/**
 * Entries as lines of the process's own log, marked `"audit":true`, for where something else keeps that log, as
 * CloudWatch does. No level keeps them back.
 */
export class AuditLines implements AuditLog {
  constructor(private readonly output: Pick<NodeJS.WritableStream, 'write'>) {}

  append(entry: AuditEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.output.write(`${JSON.stringify({ audit: true, ...entry })}\n`, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }
}
