import { LapidaryError } from '../core/errors.js';
import { uuidv7 } from '../core/ids.js';
import { isOpen, type Job, type JobPlacement, type JobStore } from './port.js';
import { brokenJob, JOB_BROKE, type JobWorker, type WorkerOptions } from './worker.js';

/**
 * Runs small jobs itself and places large ones elsewhere. They stay queued until a worker there takes them from the same
 * store.
 */
export class PlacingWorker implements Pick<JobWorker, 'run' | 'runNext'> {
  constructor(
    private readonly store: JobStore,
    private readonly worker: Pick<JobWorker, 'run'>,
    private readonly placement: JobPlacement,
    private readonly options: Pick<WorkerOptions, 'leaseMs' | 'maxAttempts' | 'now' | 'signals'>,
  ) {}

  /** Runs the oldest job that can start here; places those before it. */
  async runNext(stop?: AbortSignal, only?: string): Promise<Job | undefined> {
    const lanes = new Set<string>();
    for (const { id, lane, kind } of await this.store.listOpen()) {
      if (stop?.aborted) return undefined;
      if (only !== undefined && kind !== only) continue;
      // The oldest job of a lane is first, wherever it runs.
      if (lanes.has(lane)) continue;
      lanes.add(lane);
      const job = await this.runOldest(id, stop);
      if (job) return job;
    }
    return undefined;
  }

  /** Runs a job if it can start here. @returns the job as it started; undefined otherwise */
  async run(id: string, stop?: AbortSignal): Promise<Job | undefined> {
    const open = await this.store.listOpen();
    const lane = open.find((job) => job.id === id)?.lane;
    const oldest = open.find((job) => job.lane === lane);
    return oldest?.id === id ? this.runOldest(id, stop) : undefined;
  }

  private async runOldest(id: string, stop?: AbortSignal): Promise<Job | undefined> {
    return (await this.place(id)) === 'here' ? this.worker.run(id, stop) : undefined;
  }

  /** Places a job while it holds the lane: meanwhile no other worker starts or places it. */
  private async place(id: string): Promise<'here' | 'elsewhere'> {
    const open = await this.store.read(id);
    if (!open) return 'elsewhere';
    // The worker ends these without running them.
    if (open.cancelRequested || open.attempts >= this.options.maxAttempts) return 'here';
    const now = this.now();
    const lease = { holder: uuidv7(now), expiresAt: now + this.options.leaseMs };
    if (!(await this.store.takeLane(open.lane, lease, now))) return 'elsewhere';
    try {
      const job = await this.store.read(id);
      return job && isOpen(job) ? await this.placeOrFail(job) : 'elsewhere';
    } finally {
      await this.store.leaveLane(open.lane, lease.holder);
    }
  }

  private async placeOrFail(job: Job): Promise<'here' | 'elsewhere'> {
    try {
      return await this.placement.place(job);
    } catch (error) {
      // A temporary failure leaves the job queued, and does not block the others.
      if (!(error instanceof LapidaryError)) {
        this.options.signals?.event(JOB_BROKE, brokenJob(error, job));
        return 'elsewhere';
      }
      const { code, message: detail } = error;
      await this.store.replace({
        ...job,
        state: 'failed',
        endedAt: new Date(this.now()).toISOString(),
        error: { code, detail },
        revision: job.revision + 1,
      });
      return 'elsewhere';
    }
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}
