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
  /** Returns the lane of a model's jobs; left out, a job waits for no other. */
  lane?(model: string): string;
  /** How much of a client's plan a job takes; null: nothing. */
  readonly meter: JobMeter | null;
  /** Whether a job that filled a whole function is begun again; else it has failed. */
  readonly restartable: boolean;
}

/** A row of the table of kinds: a kind with what does its jobs. */
export interface JobRow<Order extends TSchema = TSchema> extends JobKind<Order> {
  handle(job: Job<Static<Order>>, context: JobContext): Promise<unknown>;
  /** Removes what a job stored that failed, was cancelled or is forgotten. */
  discard?(job: Job): Promise<void>;
  /** Returns how many bytes a job reads; undefined where that is unknown. */
  bytesOf?(job: Job): Promise<number | undefined>;
}

/** What plans limit, and jobs take. */
export type UsageUnit = 'predictions' | 'trainingSeconds';

/** Limits a job to what its client's plan leaves, and counts what it took. */
export interface JobMeter {
  readonly unit: UsageUnit;
  /** @param left of this month; null: any number @param now milliseconds, as Date.now */
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
