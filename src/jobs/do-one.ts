import { isOpen, type Job } from './port.js';
import type { JobService } from './service.js';
import type { JobWorker } from './worker.js';

/** Parts that do one job. */
export interface OneJob {
  worker: Pick<JobWorker, 'run'>;
  jobs: Pick<JobService, 'get'>;
  /** As the workers have it. */
  leaseMs: number;
  /** Waits for some time, or until it is to stop. */
  wait(): Promise<unknown>;
  stop: AbortSignal;
  /** Milliseconds, as Date.now. */
  now?: () => number;
}

/**
 * Does the one job that this worker was started for. Its lane may be held at first: for a moment by the function that
 * placed the job, or until another job is done. The worker waits for it, since ending would count as a failure. It
 * leaves the job only to another worker that is doing it.
 * @returns the job as it is at the end
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
