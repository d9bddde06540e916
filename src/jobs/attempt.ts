import type { Job, JobContext, JobProgress, JobStore, LogLine } from './port.js';

/** Why an attempt was aborted. */
export type Aborted = 'cancelled' | 'lost';

/** One attempt at a job. Each heartbeat stores the handler's reports, renews the lease and checks for cancellation. */
export class Attempt implements JobContext {
  private readonly aborter = new AbortController();
  private reported: Pick<Job, 'progress' | 'metrics'> = {};
  private kept = this.reported;
  private lines: LogLine[] = [];
  private isLost = false;
  /** The last operation on the store: they run one after another. */
  private last: Promise<unknown> = Promise.resolve();

  /**
   * @param holdLane renews the lease of the lane; returns whether it succeeded
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

  /** Why it was aborted; undefined otherwise. */
  get aborted(): Aborted | undefined {
    if (this.isLost) return 'lost';
    return this.signal.aborted ? 'cancelled' : undefined;
  }

  progress(progress: JobProgress): void {
    this.reported = { ...this.reported, progress };
  }

  metrics(metrics: Readonly<Record<string, number>>): void {
    this.reported = { ...this.reported, metrics };
  }

  log(message: string): void {
    this.lines.push({ at: this.moment(), message });
  }

  /** Stores the reports and renews the lease. It never throws: the next heartbeat retries. */
  beat(): Promise<void> {
    return this.next(() => this.keep()).catch(() => undefined);
  }

  /** Ends the job, unless another worker has taken it. @returns whether it ended */
  end(outcome: Partial<Job>): Promise<boolean> {
    return this.conclude(() => ({ ...outcome, endedAt: this.moment() }));
  }

  /** Returns the job to the queue, as if it had not started. @returns as {@link end} */
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
    if (this.reported === this.kept) this.take(await this.store.read(this.job.id));
    else await this.replace({});
  }

  private async replace(change: Partial<Job>): Promise<boolean> {
    const { reported } = this;
    const next = { ...this.job, ...reported, ...change, revision: this.job.revision + 1 };
    if (!(await this.store.replace(next))) {
      this.take(await this.store.read(this.job.id));
      return false;
    }
    this.job = next;
    this.kept = reported;
    return true;
  }

  /** Adopts the stored job, which others may have changed. */
  private take(found: Job | undefined): void {
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
