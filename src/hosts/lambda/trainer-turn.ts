import { setTimeout } from 'node:timers/promises';
import type { Job } from '../../jobs/job.js';
import type { TrainerWork } from './trainer-handler.js';

/** Left to give a job back and to tell the queue of it, before Lambda ends the process. */
const RESERVE_MS = 20_000;
/** No more than this part of what there is, where functions are short. */
const RESERVE_SHARE = 0.2;

/** How often a turn that trains looks for predictions. */
const LOOK_MS = 5000;

/**
 * The jobs of one invocation: those that its messages name, then whatever is due, while there is time. Predictions have a
 * lane of their own beside them: the queue starts only so many invocations, and trainings may hold all of them.
 */
export class TrainerTurn {
  private readonly stopper = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly named = new Set<string>();
  private begun = 0;

  /** @param remainingMs that the invocation has @param lookMs between two looks for predictions */
  constructor(
    private readonly work: Pick<TrainerWork, 'worker' | 'store' | 'notify' | 'failedElsewhere'>,
    private readonly remainingMs: () => number,
    private readonly lookMs = LOOK_MS,
  ) {
    const remaining = this.remainingMs();
    const reserve = Math.min(RESERVE_MS, remaining * RESERVE_SHARE);
    this.timer = globalThis.setTimeout(() => this.stopper.abort(), remaining - reserve);
  }

  /** The same job can be named by several messages: it is done once. */
  add(job: string): void {
    this.named.add(job);
  }

  async run(): Promise<void> {
    const over = new AbortController();
    const predictions = this.predictUntil(over.signal);
    try {
      await this.runAll();
    } finally {
      over.abort();
      await predictions;
    }
    if (this.stopper.signal.aborted) await this.leaveRest();
  }

  private async runAll(): Promise<void> {
    for (const id of this.named) {
      if (this.stopper.signal.aborted) break;
      if (!(await this.runOne((stop) => this.work.worker.run(id, stop))))
        await this.tellOfFailed(id);
    }
    while (!this.stopper.signal.aborted) {
      if (!(await this.runOne((stop) => this.work.worker.runNext(stop)))) return;
    }
  }

  /** Does predictions as they come, until the other jobs are over; the one that it is at is done all the same. */
  private async predictUntil(over: AbortSignal): Promise<void> {
    const { signal } = this.stopper;
    const ending = AbortSignal.any([over, signal]);
    while (await passed(this.lookMs, ending)) {
      // A store that cannot be reached fails the other jobs, which say so.
      await this.work.worker.runNext(signal, 'batch-prediction').catch(() => undefined);
    }
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private async runOne(
    run: (stop: AbortSignal) => ReturnType<TrainerWork['worker']['run']>,
  ): Promise<boolean> {
    const job = await run(this.stopper.signal);
    if (!job) return false;
    const hadAll = this.begun++ === 0;
    if (this.stopper.signal.aborted && hadAll) await this.countCut(job.id);
    return true;
  }

  /** A worker elsewhere names the job that it ended as failed: only this function's log has an alarm. */
  private async tellOfFailed(id: string): Promise<void> {
    const job = await this.work.store.read(id);
    if (job?.state === 'failed') this.work.failedElsewhere(job);
  }

  /**
   * A job that filled a whole invocation and was given back would fill the next, for ever. So it counts as
   * an attempt, of which there are only so many. Training begins anew each time: it has failed at once.
   */
  private async countCut(id: string): Promise<void> {
    const job = await this.work.store.read(id);
    if (job?.state !== 'queued') return;
    const change: Partial<Job> =
      job.kind === 'training'
        ? { state: 'failed', endedAt: new Date().toISOString(), error: TOO_LONG }
        : { attempts: job.attempts + 1 };
    await this.work.store.replace({ ...job, ...change, revision: job.revision + 1 });
  }

  /** One message is enough: who takes it looks for all other jobs, too. */
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
    'training takes longer than the function lasts; docs/aws-jobs.md tells how to give it to SageMaker',
} as const;
