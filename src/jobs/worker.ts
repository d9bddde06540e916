import { LapidaryError } from '../core/errors.js';
import { uuidv7 } from '../core/ids.js';
import { storageFailure } from '../core/storage-failure.js';
import { Attempt, type JobContext, withSignal } from './attempt.js';
import { isOpen, type Job, type JobKind } from './job.js';
import type { JobStore } from './port.js';

/**
 * Does the jobs of one kind. A job can be begun more than once: what its worker left behind when it died
 * must do no harm.
 * @returns what came of it, as JSON
 */
export type JobHandler = (job: Job, context: JobContext) => Promise<unknown>;

/** The handlers of the kinds of jobs that a worker does. */
export type JobHandlers = Readonly<Partial<Record<JobKind, JobHandler>>>;

export interface WorkerOptions {
  /** Milliseconds that a lane stays a worker's after its last heartbeat. */
  leaseMs: number;
  /** Attempts before a job whose workers die has failed. */
  maxAttempts: number;
  /** Milliseconds, as Date.now. */
  now?: () => number;
  /** Does something every so many milliseconds. @returns ends it */
  every?: (milliseconds: number, what: () => void) => () => void;
  /** Hears of what is nobody's fault but ours. */
  onError?: (error: unknown, job: Job) => void;
}

const BEATS_A_LEASE = 3;
/** What a job tells of itself is seen that soon, however long the lease. */
const SLOWEST_BEAT_MS = 2000;

/** Does jobs, one after another, however many workers there are. */
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
   * Does the oldest job that can be begun: queued, or left by a worker whose lease has expired.
   * @param stop aborts the attempt, and leaves the job to another worker
   * @param only jobs of this kind; of any when left out
   * @returns the job as it was begun; undefined when there is none
   */
  async runNext(stop?: AbortSignal, only?: JobKind): Promise<Job | undefined> {
    const taken = new Set<string>();
    for (const { id, lane, kind } of await this.store.listOpen()) {
      if (stop?.aborted) return undefined;
      if (only !== undefined && kind !== only) continue;
      // A lane that becomes free meanwhile is not for a younger job: the one before comes first.
      if (taken.has(lane)) continue;
      const done = await this.tryRun(id, stop);
      if (typeof done === 'object') return done;
      if (done === 'taken') taken.add(lane);
    }
    return undefined;
  }

  /** Does a job, if it can be begun. @returns it as it was begun; undefined when it cannot be */
  async run(id: string, stop?: AbortSignal): Promise<Job | undefined> {
    const done = await this.tryRun(id, stop);
    return typeof done === 'object' ? done : undefined;
  }

  private async tryRun(id: string, stop?: AbortSignal): Promise<Job | 'taken' | 'over'> {
    const open = await this.store.read(id);
    if (!open || !isOpen(open) || !this.handlers[open.kind]) return 'over';
    // Another one each time: whoever runs two jobs at once does not take them for one.
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
      if (open.state === 'running') attempt.log(this.begunAgain(job));
      await this.attempt(attempt, job, stop);
      return job;
    } finally {
      await this.store.leaveLane(open.lane, holder);
    }
  }

  private begunAgain({ attempts }: Job): string {
    return `begun again, attempt ${attempts} of ${this.options.maxAttempts}: the process of the one before ended, as for want of memory, or was not heard of for ${this.options.leaseMs / 1000} s`;
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

  private async attempt(attempt: Attempt, job: Job, stop?: AbortSignal): Promise<void> {
    const beatMs = Math.min(this.options.leaseMs / BEATS_A_LEASE, SLOWEST_BEAT_MS);
    const endBeating = this.every(beatMs, () => void attempt.beat());
    let conclude: () => Promise<unknown>;
    try {
      const signal = stop ? AbortSignal.any([attempt.signal, stop]) : attempt.signal;
      const context = withSignal(attempt, signal);
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
    else await attempt.end({ state: 'failed', error: this.told(error, job) });
  }

  private told(error: unknown, job: Job): NonNullable<Job['error']> {
    if (error instanceof LapidaryError) return { code: error.code, detail: error.message };
    this.options.onError?.(error, job);
    const failure = storageFailure(error, 'writing');
    if (failure) return { code: failure.code, detail: failure.message };
    const detail = 'something broke on our side; the log of the worker tells what';
    return { code: 'internal', detail };
  }
}

function everyInterval(milliseconds: number, what: () => void): () => void {
  const timer = setInterval(what, milliseconds);
  return () => clearInterval(timer);
}

function abandoned({ attempts }: Job): NonNullable<Job['error']> {
  const detail = `its worker died, ${attempts} times: often for want of memory; the log of the server or the worker says how it ended`;
  return { code: 'job_abandoned', detail };
}
