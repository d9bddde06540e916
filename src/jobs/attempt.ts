import type { Job, JobProgress, LogLine } from './job.js';
import type { JobStore } from './port.js';

/** What a handler tells of its work while it works. */
export interface JobContext {
  /** Aborts when the job is cancelled, or has come into other hands. */
  readonly signal: AbortSignal;
  progress(progress: JobProgress): void;
  metrics(metrics: Readonly<Record<string, number>>): void;
  log(message: string): void;
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
  private lines: LogLine[] = [];
  private beating: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: JobStore,
    private job: Job,
    private readonly holdLane: () => Promise<boolean>,
  ) {}

  get signal(): AbortSignal {
    return this.aborter.signal;
  }

  /** Why it was aborted; undefined while it was not. */
  get aborted(): Aborted | undefined {
    return this.signal.aborted ? (this.signal.reason as Aborted) : undefined;
  }

  progress(progress: JobProgress): void {
    this.told = { ...this.told, progress };
  }

  metrics(metrics: Readonly<Record<string, number>>): void {
    this.told = { ...this.told, metrics };
  }

  log(message: string): void {
    this.lines.push({ at: new Date().toISOString(), message });
  }

  /** Keeps what was told, and the lane. It never throws: a store that cannot be reached is tried again. */
  beat(): Promise<void> {
    this.beating = this.beating.then(() => this.keep()).catch(() => undefined);
    return this.beating;
  }

  /** Ends the job, unless it has come into other hands. @returns whether it did */
  end(outcome: Partial<Job>): Promise<boolean> {
    return this.conclude({ ...outcome, endedAt: new Date().toISOString() });
  }

  /** Leaves the job to another worker, as if it had never been begun. */
  giveBack(): Promise<boolean> {
    return this.conclude({ state: 'queued', attempts: this.job.attempts - 1 });
  }

  private async conclude(change: Partial<Job>): Promise<boolean> {
    await this.beat();
    while (this.aborted !== 'lost') if (await this.replace(change)) return true;
    return false;
  }

  private async keep(): Promise<void> {
    if (this.aborted === 'lost') return;
    if (!(await this.holdLane())) return this.aborter.abort('lost' satisfies Aborted);
    const lines = [...this.lines];
    if (lines.length > 0) await this.store.appendLog(this.job.id, lines);
    this.lines.splice(0, lines.length);
    await this.replace({});
  }

  private async replace(change: Partial<Job>): Promise<boolean> {
    const next = { ...this.job, ...this.told, ...change, revision: this.job.revision + 1 };
    if (await this.store.replace(next)) {
      this.job = next;
      return true;
    }
    const found = await this.store.read(this.job.id);
    if (found?.state !== 'running' || found.attempts !== this.job.attempts) {
      this.aborter.abort('lost' satisfies Aborted);
      return false;
    }
    this.job = found;
    if (found.cancelRequested) this.aborter.abort('cancelled' satisfies Aborted);
    return false;
  }
}
