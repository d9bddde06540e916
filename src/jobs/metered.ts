import { LapidaryError } from '../core/errors.js';
import { OPERATOR } from '../core/operator.js';
import { requireOrder } from './kinds.js';
import {
  type Job,
  type JobContext,
  type JobMeter,
  type JobRow,
  type UsageUnit,
  withContext,
} from './port.js';
import type { JobHandlers } from './worker.js';

/** Usage of clients in this month. */
export interface JobUsage {
  /** Returns the remaining amount; null for no limit. */
  left(client: string): Promise<Readonly<Record<UsageUnit, number | null>>>;
  count(job: Job, unit: UsageUnit, amount: number): Promise<void>;
}

/** The longest delay of a timer, and so of a training. */
const LONGEST_S = 2_000_000;

/**
 * Returns a handler for each row of the table. Each checks the order, limits a client's job to the remaining amount of
 * its plan, and counts its usage before it ends. Two concurrent jobs of a client both get the amount that was left when
 * they began.
 * @param open opens the usage, which jobs of the operator do not need
 * @param now milliseconds, as Date.now
 */
export function meteredHandlers(
  rows: readonly JobRow[],
  open: () => Promise<JobUsage>,
  now: () => number = Date.now,
): JobHandlers {
  const handle = async (row: JobRow, job: Job, context: JobContext): Promise<unknown> => {
    requireOrder(row, job);
    const run = (within: JobContext) => row.handle(job, within);
    const { meter } = row;
    if (!meter || job.client === OPERATOR) return run(context);
    const usage = await open();
    const left = (await usage.left(job.client))[meter.unit];
    const count = (amount: number) => usage.count(job, meter.unit, amount);
    return meter.run(run, context, { left, count, now });
  };
  return Object.fromEntries(
    rows.map((row) => [row.kind, (job: Job, context: JobContext) => handle(row, job, context)]),
  );
}

/** Counts the seconds of a job, and stops it when none are left. */
export const BY_SECONDS: JobMeter = {
  unit: 'trainingSeconds',
  async run(handle, context, { left, count, now }) {
    if (left === 0) throw usedUp();
    const began = now();
    const overdue = AbortSignal.timeout(Math.min(left ?? LONGEST_S, LONGEST_S) * 1000);
    const signal = AbortSignal.any([context.signal, overdue]);
    const countSoFar = () => count((now() - began) / 1000);
    try {
      const result = await handle(withContext(context, { signal }));
      await countSoFar();
      return result;
    } catch (error) {
      const isOverdue = overdue.aborted && !context.signal.aborted;
      // An internal error is not charged.
      if (signal.aborted || error instanceof LapidaryError) await countSoFar();
      throw isOverdue ? usedUp() : error;
    }
  },
};

/** Counts the `rows` of a job's result, and limits how many it may answer. */
export const BY_ROWS: JobMeter = {
  unit: 'predictions',
  async run(handle, context, { left, count }) {
    const result = await handle(withContext(context, left === null ? {} : { maximumRows: left }));
    await count((result as { rows: number }).rows);
    return result;
  },
};

function usedUp(): LapidaryError {
  const detail =
    'the training minutes of the plan are used up; a new month begins on its first day, UTC';
  return new LapidaryError('quota_exceeded', detail);
}
