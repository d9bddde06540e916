import { isOpen, type Job } from './job.js';
import type { JobService } from './service.js';
import type { JobWorker } from './worker.js';

/** What one job is done with. */
export interface OneJob {
  worker: Pick<JobWorker, 'run'>;
  jobs: Pick<JobService, 'get'>;
  /** As the workers have it. */
  leaseMs: number;
  /** Has some time pass, unless it is to stop. */
  wait(): Promise<unknown>;
  stop: AbortSignal;
  /** Milliseconds, as Date.now. */
  now?: () => number;
}

/**
 * Does a job that this worker is there for, and no other. Its lane may be held as the worker comes: for a
 * moment by whoever placed the job, or until another job is done. That is waited for, since whoever placed it
 * takes a worker that has gone for one that failed. Only when another lives at this very job it is left to it.
 * @returns the job as it is then
 * @throws LapidaryError `job_not_found`
 */
export async function doOne(
  id: string,
  { worker, jobs, leaseMs, wait, stop, now = Date.now }: OneJob,
): Promise<Job> {
  let queuedAt = now();
  for (;;) {
    const begun = stop.aborted ? undefined : await worker.run(id, stop);
    const job = await jobs.get(id);
    if (begun || stop.aborted || !isOpen(job)) return job;
    if (job.state === 'queued') queuedAt = now();
    // The lease of a worker that died has expired by then.
    else if (now() - queuedAt > leaseMs) return job;
    await wait();
  }
}
