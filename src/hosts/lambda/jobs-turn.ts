import { setTimeout } from 'node:timers/promises';
import type { Job } from '../../jobs/port.js';
import type { JobFunctionWork } from './jobs-handler.js';

/** Time that is left for giving a job back and telling the queue, before Lambda ends the process. */
const RESERVE_MS = 20_000;
/** No more than this part of what there is, where functions are short. */
const RESERVE_SHARE = 0.2;

/** How often a busy turn looks for jobs to do beside. */
const LOOK_MS = 5000;

/**
 * The jobs of one invocation: those that its messages name, then the others, while there is time. Kinds without a lane
 * are done beside them: the queue starts only so many invocations, and jobs with lanes may hold all of them.
 */
export class JobsTurn {
  private readonly stopper = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly named = new Set<string>();
  private begun = 0;

  /** @param remainingMs that the invocation has @param lookMs between two looks for jobs to do beside */
  constructor(
    private readonly work: Pick<
      JobFunctionWork,
      'worker' | 'store' | 'kinds' | 'notify' | 'failedElsewhere'
    >,
    private readonly remainingMs: () => number,
    private readonly lookMs = LOOK_MS,
  ) {
    const remaining = this.remainingMs();
    const reserve = Math.min(RESERVE_MS, remaining * RESERVE_SHARE);
    this.timer = globalThis.setTimeout(() => this.stopper.abort(), remaining - reserve);
  }

  /** Adds a job that a message names; one that several messages name is done once. */
  add(job: string): void {
    this.named.add(job);
  }

  async run(): Promise<void> {
    const over = new AbortController();
    const beside = this.work.kinds
      .filter(({ lane }) => !lane)
      .map(({ kind }) => this.runBeside(kind, over.signal));
    try {
      await this.runAll();
    } finally {
      over.abort();
      await Promise.all(beside);
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

  /** Does jobs of a kind as they are submitted, until the other jobs are over; a begun one is finished. */
  private async runBeside(kind: string, over: AbortSignal): Promise<void> {
    const { signal } = this.stopper;
    const ending = AbortSignal.any([over, signal]);
    while (await passed(this.lookMs, ending)) {
      // A store that cannot be reached fails the other jobs, which report it.
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
   * Counts an attempt of a job that filled a whole invocation and was given back, so that it does not fill one after
   * another for ever. One of a kind that is not restartable has failed.
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

  /** Sends one message: the invocation that takes it does all other jobs, too. */
  private async leaveRest(): Promise<void> {
    const queued = (await this.work.store.listOpen()).find(({ state }) => state === 'queued');
    if (queued) await this.work.notify(queued);
  }
}

/** @returns whether the time passed, and was not aborted */
function passed(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return setTimeout(milliseconds, true, { signal }).catch(() => false);
}

const TOO_LONG = {
  code: 'job_too_long',
  detail:
    'the job takes longer than the function lasts: docs/aws-jobs.md has large jobs done by SageMaker',
} as const;
