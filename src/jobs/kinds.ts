import type { Static, TSchema } from 'typebox';
import { Check } from 'typebox/value';
import { LapidaryError } from '../core/errors.js';
import type { Job, JobContext } from './port.js';
import type { JobRequest } from './service.js';

/** A kind of job. */
export interface JobKind<Order extends TSchema = TSchema> {
  readonly kind: string;
  /** Schema of the orders. */
  readonly order: Order;
  /** Returns the lane of a model's jobs; without it, a job waits for no other. */
  lane?(model: string): string;
  /** Meters the use of a client's plan; null: not metered. */
  readonly meter: JobMeter | null;
  /** Whether a job that outlasted a function is restarted; otherwise it fails. */
  readonly restartable: boolean;
}

/** A row of the table of kinds: a kind and its handler. */
export interface JobRow<Order extends TSchema = TSchema> extends JobKind<Order> {
  handle(job: Job<Static<Order>>, context: JobContext): Promise<unknown>;
  /** Removes the data of a job that failed, was cancelled or is removed. */
  discard?(job: Job): Promise<void>;
  /** Returns the bytes that a job reads; undefined when unknown. */
  bytesOf?(job: Job): Promise<number | undefined>;
}

/** Amounts that plans limit and jobs use. */
export type UsageUnit = 'predictions' | 'trainingSeconds';

/** Limits a job to the rest of its client's plan, and counts its usage. */
export interface JobMeter {
  readonly unit: UsageUnit;
  /** @param budget.left of this month; null: unlimited @param budget.now milliseconds, as Date.now */
  run(
    handle: (context: JobContext) => Promise<unknown>,
    context: JobContext,
    budget: { left: number | null; count(amount: number): Promise<void>; now(): number },
  ): Promise<unknown>;
}

/** Builds the request for a job of a kind. */
export function jobOf<Order extends TSchema>(
  { kind, lane }: JobKind<Order>,
  model: string,
  order: Static<Order>,
): JobRequest {
  return { kind, model, order, ...(lane && { lane: lane(model) }) };
}

/** Checks the order of a job, which an earlier version may have stored. @throws LapidaryError `invalid_request` */
export function requireOrder<Order extends TSchema>(
  { kind, order }: JobKind<Order>,
  job: Job,
): asserts job is Job<Static<Order>> {
  if (job.kind === kind && Check(order, job.order)) return;
  const detail = `the order of job ${job.id} does not match the schema of kind "${kind}": submit it again`;
  throw new LapidaryError('invalid_request', detail);
}
