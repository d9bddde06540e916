import { LapidaryError } from '../core/errors.js';
import { uuidv7 } from '../core/ids.js';
import { Attempt, type JobContext } from './attempt.js';
import { isOpen, type Job, type JobKind } from './job.js';
import type { JobStore } from './port.js';

/**
 * Does the jobs of one kind. A job can be begun more than once: what its worker left behind when it died
 * must do no harm.
 * @returns what came of it, as JSON
 */
export type JobHandler = (job: Job, context: JobContext) => Promise<unknown>;

export interface WorkerOptions {
  /** Milliseconds that a lane stays a worker's after its last heartbeat. */
  leaseMs: number;
  /** Attempts before a job whose workers die has failed. */
  maxAttempts: number;
  /** Milliseconds, as Date.now. */
  now?: () => number;
  /** Hears of what is nobody's fault but ours. */
  onError?: (error: unknown, job: Job) => void;
}

const BEATS_A_LEASE = 3;

/** Does jobs, one at a time, however many workers there are. */
export class JobWorker {
  private readonly holder = uuidv7();
  private readonly now: () => number;

  constructor(
    private readonly store: JobStore,
    private readonly handlers: Readonly<Partial<Record<JobKind, JobHandler>>>,
    private readonly options: WorkerOptions,
  ) {
    this.now = options.now ?? Date.now;
  }

  /**
   * Does the oldest job that can be begun: queued, or left by a worker whose lease has expired.
   * @param stop aborts the attempt, and leaves the job to another worker
   * @returns the job as it was begun; undefined when there is none
   */
  async runNext(stop?: AbortSignal): Promise<Job | undefined> {
    for (const { id } of await this.store.listOpen()) {
      const job = await this.run(id, stop);
      if (job) return job;
    }
    return undefined;
  }

  /** Does a job, if it can be begun. @returns it as it was begun; undefined when it cannot be */
  async run(id: string, stop?: AbortSignal): Promise<Job | undefined> {
    const open = await this.store.read(id);
    if (!open || !isOpen(open) || !this.handlers[open.kind]) return undefined;
    if (!(await this.takeLane(open.lane))) return undefined;
    try {
      const job = await this.begin(id);
      if (job) await this.attempt(job, stop);
      return job;
    } finally {
      await this.store.leaveLane(open.lane, this.holder);
    }
  }

  /** Reads the job again: before the lane was taken, another may have ended it. */
  private async begin(id: string): Promise<Job | undefined> {
    const found = await this.store.read(id);
    if (!found || !isOpen(found)) return undefined;
    const at = new Date(this.now()).toISOString();
    const change: Partial<Job> = found.cancelRequested
      ? { state: 'cancelled', endedAt: at }
      : found.attempts >= this.options.maxAttempts
        ? { state: 'failed', endedAt: at, error: abandoned(found) }
        : { state: 'running', attempts: found.attempts + 1, startedAt: found.startedAt ?? at };
    const next = { ...found, ...change, revision: found.revision + 1 };
    return (await this.store.replace(next)) && next.state === 'running' ? next : undefined;
  }

  private async attempt(job: Job, stop?: AbortSignal): Promise<void> {
    const attempt = new Attempt(this.store, job, () => this.takeLane(job.lane));
    const beating = setInterval(() => attempt.beat(), this.options.leaseMs / BEATS_A_LEASE);
    try {
      const context = stop ? withStop(attempt, stop) : attempt;
      const result = await this.handlers[job.kind]!(job, context);
      await attempt.end({ state: 'succeeded', result });
    } catch (error) {
      if (attempt.aborted === 'cancelled') await attempt.end({ state: 'cancelled' });
      else if (stop?.aborted) await attempt.giveBack();
      else if (attempt.aborted === undefined) await this.fail(attempt, job, error);
    } finally {
      clearInterval(beating);
    }
  }

  private async fail(attempt: Attempt, job: Job, error: unknown): Promise<void> {
    if (error instanceof LapidaryError) {
      await attempt.end({ state: 'failed', error: { code: error.code, detail: error.message } });
      return;
    }
    this.options.onError?.(error, job);
    const detail = 'something broke on our side; the log of the server tells what';
    await attempt.end({ state: 'failed', error: { code: 'internal', detail } });
  }

  private takeLane(lane: string): Promise<boolean> {
    const now = this.now();
    const lease = { holder: this.holder, expiresAt: now + this.options.leaseMs };
    return this.store.takeLane(lane, lease, now);
  }
}

/** The context of an attempt that its worker, too, can stop. */
function withStop(attempt: Attempt, stop: AbortSignal): JobContext {
  return {
    signal: AbortSignal.any([attempt.signal, stop]),
    progress: (progress) => attempt.progress(progress),
    metrics: (metrics) => attempt.metrics(metrics),
    log: (message) => attempt.log(message),
  };
}

function abandoned({ attempts }: Job): NonNullable<Job['error']> {
  return { code: 'job_abandoned', detail: `its worker died, ${attempts} times` };
}
