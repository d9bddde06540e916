import { LapidaryError } from '../core/errors.js';
import type { Job, JobStore } from '../jobs/port.js';

/** Returns the job that a page of a client's jobs follows. @throws LapidaryError `job_not_found` */
export async function jobAtCursor(
  store: Pick<JobStore, 'read'>,
  client: string,
  cursor: string | undefined,
): Promise<Job | undefined> {
  if (cursor === undefined) return undefined;
  const job = await store.read(cursor);
  if (job?.client === client) return job;
  const detail = `the list cannot continue after job "${cursor.slice(0, 100)}": job not found`;
  throw new LapidaryError('job_not_found', detail);
}

/** Returns the number of the first line of a page of a log. @throws LapidaryError `invalid_request` */
export function lineAtCursor(cursor = '0'): number {
  if (/^\d{1,12}$/.test(cursor)) return Number(cursor);
  throw new LapidaryError('invalid_request', `invalid cursor of a log: "${cursor}"`);
}
