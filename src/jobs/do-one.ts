import { isOpen, type Job } from './port.js';
import type { JobService } from './service.js';
import type { JobWorker } from './worker.js';

/** Parts for one job. */
export interface OneJob {
  worker: Pick<JobWorker, 'run'>;
  jobs: Pick<JobService, 'get'>;
  /** The lease of the workers. */
  leaseMs: number;
  /** Waits for some time, or until `stop` aborts. */
  wait(): Promise<unknown>;
  stop: AbortSignal;
  /** Milliseconds, as Date.now. */
  now?: () => number;
}

/**
 * Runs the one job that this worker was started for. Its lane may be taken at first: for a moment by the function that
 * placed the job, or until another job ends. The worker waits for the lane, since exiting would count as a failure, and
 * gives up only while another worker runs the job.
 * @returns the job at the end
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
    // The lease of a dead worker has expired by then.
    else if (now() - queuedAt > leaseMs) return job;
    await wait();
  }
}
