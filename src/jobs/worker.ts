import { LapidaryError } from '../core/errors.js';
import { uuidv7 } from '../core/ids.js';
import { eventType, SILENT, type Signals } from '../core/signals.js';
import { storageFailure } from '../core/storage-failure.js';
import { Attempt } from './attempt.js';
import { isOpen, type Job, type JobHandler, type JobStore, withContext } from './port.js';

/** The handlers of a worker, by kind. */
export type JobHandlers = Readonly<Record<string, JobHandler | undefined>>;

/** A job failed with an internal error. */
export const JOB_BROKE = eventType<ReturnType<typeof brokenJob>>(
  'job.broke',
  'error',
  'a job failed with an internal error',
);

/** Returns the fields of {@link JOB_BROKE}. */
export function brokenJob(err: unknown, { id: job, client, kind, model }: Job) {
  return { err, job, client, kind, model };
}

export interface WorkerOptions {
  /** Milliseconds that a lease lasts after the last heartbeat. */
  leaseMs: number;
  /** Attempts after which a job whose workers die fails. */
  maxAttempts: number;
  /** Milliseconds, as Date.now. */
  now?: () => number;
  /** Repeats work at an interval in milliseconds. @returns a function that ends it */
  every?: (milliseconds: number, what: () => void) => () => void;
  /** Reports jobs that fail with an internal error; dropped by default. */
  signals?: Signals;
}

const BEATS_A_LEASE = 3;
/** Progress is stored at least this often, however long the lease. */
const SLOWEST_BEAT_MS = 2000;

/** Runs jobs, one after another. Any number of workers share a store. */
export class JobWorker {
  private readonly now: () => number;
  private readonly every: NonNullable<WorkerOptions['every']>;

  constructor(
    private readonly store: JobStore,
    private readonly handlers: JobHandlers,
    private readonly options: WorkerOptions,
  ) {
    this.now = options.now ?? Date.now;
    this.every = options.every ?? everyInterval;
  }

  /**
   * Runs the oldest job that can start: queued, or running with an expired lease.
   * @param stop aborts the attempt, and returns the job to the queue
   * @param only jobs of this kind; of any kind by default
   * @returns the job as it started; undefined when none can start
   */
  async runNext(stop?: AbortSignal, only?: string): Promise<Job | undefined> {
    const taken = new Set<string>();
    for (const { id, lane, kind } of await this.store.listOpen()) {
      if (stop?.aborted) return undefined;
      if (only !== undefined && kind !== only) continue;
      // A lane that becomes free meanwhile is for its oldest job.
      if (taken.has(lane)) continue;
      const done = await this.tryRun(id, stop);
      if (typeof done === 'object') return done;
      if (done === 'taken') taken.add(lane);
    }
    return undefined;
  }

  /** Runs a job if it can start. @returns the job as it started; undefined otherwise */
  async run(id: string, stop?: AbortSignal): Promise<Job | undefined> {
    const done = await this.tryRun(id, stop);
    return typeof done === 'object' ? done : undefined;
  }

  private async tryRun(id: string, stop?: AbortSignal): Promise<Job | 'taken' | 'over'> {
    const open = await this.store.read(id);
    if (!open || !isOpen(open) || !this.handlers[open.kind]) return 'over';
    // A new holder each time: a worker may run two jobs at once.
    const holder = uuidv7(this.now());
    const holdLane = (): Promise<boolean> => {
      const now = this.now();
      const lease = { holder, expiresAt: now + this.options.leaseMs };
      return this.store.takeLane(open.lane, lease, now);
    };
    if (!(await holdLane())) return 'taken';
    try {
      const job = await this.begin(id);
      if (!job) return 'over';
      const attempt = new Attempt(this.store, job, holdLane, this.now);
      if (open.state === 'running') attempt.log(this.restarted(job));
      await this.attempt(attempt, job, stop);
      return job;
    } finally {
      await this.store.leaveLane(open.lane, holder);
    }
  }

  private restarted({ attempts }: Job): string {
    return `restarted, attempt ${attempts} of ${this.options.maxAttempts}: the previous process ended, as when out of memory, or sent no heartbeat for ${this.options.leaseMs / 1000} s`;
  }

  /** Starts a job, which it reads again: another worker may have ended it before the lane was taken. */
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

  private async attempt(attempt: Attempt, job: Job, stop?: AbortSignal): Promise<void> {
    const beatMs = Math.min(this.options.leaseMs / BEATS_A_LEASE, SLOWEST_BEAT_MS);
    const endBeating = this.every(beatMs, () => void attempt.beat());
    let conclude: () => Promise<unknown>;
    try {
      const signal = stop ? AbortSignal.any([attempt.signal, stop]) : attempt.signal;
      const context = withContext(attempt, { signal });
      const result = await this.handlers[job.kind]!(job, context);
      conclude = () => attempt.end({ state: 'succeeded', result });
    } catch (error) {
      conclude = () => this.concludeFailed(attempt, job, error, stop);
    } finally {
      endBeating();
    }
    await conclude();
  }

  private async concludeFailed(
    attempt: Attempt,
    job: Job,
    error: unknown,
    stop?: AbortSignal,
  ): Promise<void> {
    if (attempt.aborted === 'lost') return;
    if (attempt.aborted === 'cancelled') await attempt.end({ state: 'cancelled' });
    else if (stop?.aborted) await attempt.giveBack();
    else await attempt.end({ state: 'failed', error: this.describe(error, job) });
  }

  private describe(error: unknown, job: Job): NonNullable<Job['error']> {
    if (error instanceof LapidaryError) return { code: error.code, detail: error.message };
    (this.options.signals ?? SILENT).event(JOB_BROKE, brokenJob(error, job));
    const failure = storageFailure(error, 'writing');
    if (failure) return { code: failure.code, detail: failure.message };
    const detail = 'internal error: the log of the worker has the details';
    return { code: 'internal', detail };
  }
}

function everyInterval(milliseconds: number, what: () => void): () => void {
  const timer = setInterval(what, milliseconds);
  return () => clearInterval(timer);
}

function abandoned({ attempts }: Job): NonNullable<Job['error']> {
  const detail = `its worker died ${attempts} times, most likely out of memory: the log of the server or the worker has the exit code`;
  return { code: 'job_abandoned', detail };
}
