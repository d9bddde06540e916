import { LapidaryError } from '../core/errors.js';
import { OPERATOR } from '../core/operator.js';
import type { JobContext } from './attempt.js';
import type { Job } from './job.js';
import type { JobHandler } from './worker.js';

/** Knows what clients may still have done, and counts what was. */
export interface JobMeter {
  /** What is left of this month; null: any number. */
  left(client: string): Promise<{ predictions: number | null; trainingSeconds: number | null }>;
  countTraining(job: Job, seconds: number): Promise<void>;
  countPredictions(job: Job, predictions: number): Promise<void>;
}

/** Longer than this no timer goes, nor a training. */
const LONGEST_S = 2_000_000;

/**
 * Does the jobs of clients within what is left to them, and counts them before they have ended. Two jobs of a
 * client that run at the same time have both what was left when they began.
 * @param open opens the meter, which jobs of the operator have no need for
 * @param now milliseconds, as Date.now
 */
export function metered(
  handle: JobHandler,
  open: () => Promise<JobMeter>,
  now: () => number = Date.now,
): JobHandler {
  return async (job, context) => {
    if (job.client === OPERATOR) return handle(job, context);
    const meter = await open();
    return job.kind === 'training'
      ? train(job, context, { handle, meter, now })
      : predict(job, context, { handle, meter });
  };
}

async function train(
  job: Job,
  context: JobContext,
  { handle, meter, now }: { handle: JobHandler; meter: JobMeter; now: () => number },
): Promise<unknown> {
  const { trainingSeconds: left } = await meter.left(job.client);
  if (left === 0) throw usedUp();
  const began = now();
  const overdue = AbortSignal.timeout(Math.min(left ?? LONGEST_S, LONGEST_S) * 1000);
  const signal = AbortSignal.any([context.signal, overdue]);
  const count = () => meter.countTraining(job, (now() - began) / 1000);
  try {
    const result = await handle(job, within(context, { signal }));
    await count();
    return result;
  } catch (error) {
    const isOverdue = overdue.aborted && !context.signal.aborted;
    // What breaks by our fault is nobody's to pay.
    if (signal.aborted || error instanceof LapidaryError) await count();
    throw isOverdue ? usedUp() : error;
  }
}

async function predict(
  job: Job,
  context: JobContext,
  { handle, meter }: { handle: JobHandler; meter: JobMeter },
): Promise<unknown> {
  const { predictions: left } = await meter.left(job.client);
  const result = await handle(job, within(context, left === null ? {} : { maximumRows: left }));
  await meter.countPredictions(job, (result as { rows: number }).rows);
  return result;
}

/** The context of a job, some of it in another way. */
function within(context: JobContext, change: Partial<JobContext>): JobContext {
  return {
    signal: context.signal,
    progress: (progress) => context.progress(progress),
    metrics: (metrics) => context.metrics(metrics),
    log: (message) => context.log(message),
    ...change,
  };
}

function usedUp(): LapidaryError {
  const detail =
    'the training that the plan allows in a month is used up; it begins on its first day, UTC';
  return new LapidaryError('quota_exceeded', detail);
}
