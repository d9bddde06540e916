import type { Job, JobProgress, LogLine } from './job.js';
import type { JobStore } from './port.js';

/** What a handler tells of its work while it works. */
export interface JobContext {
  /** Aborts when the job is cancelled, when its worker has to stop, or when it has come into other hands. */
  readonly signal: AbortSignal;
  /** Most rows that the job may answer; any number when left out. */
  readonly maximumRows?: number;
  progress(progress: JobProgress): void;
  metrics(metrics: Readonly<Record<string, number>>): void;
  log(message: string): void;
}

/** The same context, aborted by another signal. */
export function withSignal(context: JobContext, signal: AbortSignal): JobContext {
  const { maximumRows } = context;
  return {
    signal,
    ...(maximumRows !== undefined && { maximumRows }),
    progress: (progress) => context.progress(progress),
    metrics: (metrics) => context.metrics(metrics),
    log: (message) => context.log(message),
  };
}

/** Why an attempt was aborted. */
export type Aborted = 'cancelled' | 'lost';

/**
 * One attempt at a job. What its handler tells is kept with each heartbeat, which also holds the lane and
 * hears of cancellation.
 */
export class Attempt implements JobContext {
  private readonly aborter = new AbortController();
  private told: Pick<Job, 'progress' | 'metrics'> = {};
  private kept = this.told;
  private lines: LogLine[] = [];
  private isLost = false;
  /** What is done with the store is done one after another. */
  private last: Promise<unknown> = Promise.resolve();

  /**
   * @param holdLane tries to keep the lane, and says whether it could
   * @param now milliseconds, as Date.now
   */
  constructor(
    private readonly store: JobStore,
    private job: Job,
    private readonly holdLane: () => Promise<boolean>,
    private readonly now: () => number,
  ) {}

  get signal(): AbortSignal {
    return this.aborter.signal;
  }

  /** Why it was aborted; undefined while it was not. */
  get aborted(): Aborted | undefined {
    if (this.isLost) return 'lost';
    return this.signal.aborted ? 'cancelled' : undefined;
  }

  progress(progress: JobProgress): void {
    this.told = { ...this.told, progress };
  }

  metrics(metrics: Readonly<Record<string, number>>): void {
    this.told = { ...this.told, metrics };
  }

  log(message: string): void {
    this.lines.push({ at: this.moment(), message });
  }

  /** Keeps what was told, and the lane. It never throws: a store that cannot be reached is tried again. */
  beat(): Promise<void> {
    return this.next(() => this.keep()).catch(() => undefined);
  }

  /** Ends the job, unless it has come into other hands. @returns whether it did */
  end(outcome: Partial<Job>): Promise<boolean> {
    return this.conclude(() => ({ ...outcome, endedAt: this.moment() }));
  }

  /** Leaves the job to another worker, as if it had never been begun. @returns as {@link end} */
  giveBack(): Promise<boolean> {
    return this.conclude(({ attempts, cancelRequested }) =>
      cancelRequested
        ? { state: 'cancelled', endedAt: this.moment() }
        : { state: 'queued', attempts: attempts - 1 },
    );
  }

  private conclude(changeOf: (job: Job) => Partial<Job>): Promise<boolean> {
    return this.next(async () => {
      await this.keep();
      while (!this.isLost) if (await this.replace(changeOf(this.job))) return true;
      return false;
    });
  }

  private async keep(): Promise<void> {
    if (this.isLost) return;
    if (!(await this.holdLane())) return this.lose();
    const lines = [...this.lines];
    if (lines.length > 0) await this.store.appendLog(this.job.id, lines);
    this.lines.splice(0, lines.length);
    if (this.told === this.kept) this.hear(await this.store.read(this.job.id));
    else await this.replace({});
  }

  private async replace(change: Partial<Job>): Promise<boolean> {
    const { told } = this;
    const next = { ...this.job, ...told, ...change, revision: this.job.revision + 1 };
    if (!(await this.store.replace(next))) {
      this.hear(await this.store.read(this.job.id));
      return false;
    }
    this.job = next;
    this.kept = told;
    return true;
  }

  /** Somebody else may have changed the job. */
  private hear(found: Job | undefined): void {
    if (found?.state !== 'running' || found.attempts !== this.job.attempts) {
      this.lose();
      return;
    }
    this.job = found;
    if (found.cancelRequested) this.aborter.abort('cancelled' satisfies Aborted);
  }

  private lose(): void {
    this.isLost = true;
    this.aborter.abort('lost' satisfies Aborted);
  }

  private next<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }

  private moment(): string {
    return new Date(this.now()).toISOString();
  }
}
