import type { AuditEntry, AuditLog } from '../../access/index.js';

/**
 * Writes entries as lines of the process's own log, marked `"audit":true`, where another service stores that log, such
 * as CloudWatch. No log level drops them.
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
