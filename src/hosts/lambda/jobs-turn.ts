import { setTimeout } from 'node:timers/promises';
import type { Job } from '../../jobs/port.js';
import type { JobFunctionWork } from './jobs-handler.js';

/** Milliseconds reserved for returning a job and notifying the queue before Lambda ends the process. */
const RESERVE_MS = 20_000;
/** Largest reserved share of the time, for short functions. */
const RESERVE_SHARE = 0.2;

/** Milliseconds between two checks for concurrent jobs. */
const CHECK_MS = 5000;

/**
 * Runs the jobs of one invocation: those that its messages name, then others, while time is left. Kinds without a lane
 * run concurrently: the number of invocations is limited, and jobs with lanes may occupy all of them.
 */
export class JobsTurn {
  private readonly stopper = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly named = new Set<string>();
  private begun = 0;

  /** @param remainingMs of the invocation @param checkMs between two checks for concurrent jobs */
  constructor(
    private readonly work: Pick<
      JobFunctionWork,
      'worker' | 'store' | 'kinds' | 'notify' | 'failedElsewhere'
    >,
    private readonly remainingMs: () => number,
    private readonly checkMs = CHECK_MS,
  ) {
    const remaining = this.remainingMs();
    const reserve = Math.min(RESERVE_MS, remaining * RESERVE_SHARE);
    this.timer = globalThis.setTimeout(() => this.stopper.abort(), remaining - reserve);
  }

  /** Adds a job that a message names; repeated ones run once. */
  add(job: string): void {
    this.named.add(job);
  }

  async run(): Promise<void> {
    const over = new AbortController();
    const concurrent = this.work.kinds
      .filter(({ lane }) => !lane)
      .map(({ kind }) => this.runConcurrent(kind, over.signal));
    try {
      await this.runAll();
    } finally {
      over.abort();
      await Promise.all(concurrent);
    }
    if (this.stopper.signal.aborted) await this.leaveRest();
  }

  private async runAll(): Promise<void> {
    for (const id of this.named) {
      if (this.stopper.signal.aborted) break;
      if (!(await this.runOne((stop) => this.work.worker.run(id, stop))))
        await this.reportFailed(id);
    }
    while (!this.stopper.signal.aborted) {
      if (!(await this.runOne((stop) => this.work.worker.runNext(stop)))) return;
    }
  }

  /** Runs jobs of a kind as they are submitted until the other jobs end; a started job is finished. */
  private async runConcurrent(kind: string, over: AbortSignal): Promise<void> {
    const { signal } = this.stopper;
    const ending = AbortSignal.any([over, signal]);
    while (await passed(this.checkMs, ending)) {
      // An unreachable store fails the other jobs, which report it.
      await this.work.worker.runNext(signal, kind).catch(() => undefined);
    }
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private async runOne(
    run: (stop: AbortSignal) => ReturnType<JobFunctionWork['worker']['run']>,
  ): Promise<boolean> {
    const job = await run(this.stopper.signal);
    if (!job) return false;
    const hadAll = this.begun++ === 0;
    if (this.stopper.signal.aborted && hadAll) await this.countCut(job.id);
    return true;
  }

  /** Reports a job that a worker elsewhere ended as failed: only this function's log has an alarm. */
  private async reportFailed(id: string): Promise<void> {
    const job = await this.work.store.read(id);
    if (job?.state === 'failed') this.work.failedElsewhere(job);
  }

  /**
   * Counts an attempt of a job that occupied a whole invocation and was returned to the queue, so that it does not occupy
   * one after another forever. A job that is not restartable fails.
   */
  private async countCut(id: string): Promise<void> {
    const job = await this.work.store.read(id);
    if (job?.state !== 'queued') return;
    const change: Partial<Job> = this.isRestartable(job)
      ? { attempts: job.attempts + 1 }
      : { state: 'failed', endedAt: new Date().toISOString(), error: TOO_LONG };
    await this.work.store.replace({ ...job, ...change, revision: job.revision + 1 });
  }

  private isRestartable(job: Job): boolean {
    return this.work.kinds.some(({ kind, restartable }) => kind === job.kind && restartable);
  }

  /** Sends one message: the invocation that receives it runs all other jobs, too. */
  private async leaveRest(): Promise<void> {
    const queued = (await this.work.store.listOpen()).find(({ state }) => state === 'queued');
    if (queued) await this.work.notify(queued);
  }
}

/** Waits. @returns whether the time passed without an abort */
function passed(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return setTimeout(milliseconds, true, { signal }).catch(() => false);
}

const TOO_LONG = {
  code: 'job_too_long',
  detail:
    'the job exceeds the time limit of the function: see docs/aws-jobs.md for large jobs on SageMaker',
} as const;
