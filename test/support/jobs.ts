import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbJobStore } from '../../src/adapters/local/jobs.js';
import { OPERATOR } from '../../src/core/operator.js';
import { SILENT, type Signals } from '../../src/core/signals.js';
import type { Job, JobContext, JobHandler, JobStore } from '../../src/jobs/port.js';
import { type JobRequest, JobService } from '../../src/jobs/service.js';
import { type JobHandlers, JobWorker } from '../../src/jobs/worker.js';
import { START } from './queued-job.js';

const LEASE_MS = 9000;

/** Returns a store of jobs, a manual clock, and workers with manual heartbeats. */
export async function newJobs() {
  const directory = await mkdtemp(join(tmpdir(), 'lapidary-jobs-'));
  const store = await LmdbJobStore.open(directory);
  const clock = { now: START };
  const now = () => clock.now;
  const notified: string[] = [];
  const notifier = { notify: async ({ id }: Job) => void notified.push(id) };
  const serviceOf = (client: string) => new JobService(store, notifier, client, { now });
  const service = serviceOf(OPERATOR);
  const errors: unknown[] = [];
  const signals: Signals = {
    ...SILENT,
    event: (_type, fields) => void errors.push((fields as { err?: unknown }).err),
  };
  const beats = new Set<() => void>();

  /** Creates a worker that shares only the store with others, like another process. */
  const newWorker = (handlers: JobHandlers, at: JobStore = store) =>
    new JobWorker(at, handlers, {
      leaseMs: LEASE_MS,
      maxAttempts: 3,
      now,
      every: (_milliseconds, what) => {
        beats.add(what);
        return () => beats.delete(what);
      },
      signals,
    });
  return {
    store,
    service,
    serviceOf,
    notified,
    errors,
    signals,
    newWorker,
    now,
    pass(milliseconds: number) {
      clock.now += milliseconds;
    },
    expireLeases() {
      clock.now += LEASE_MS + 1;
    },
    /** Sends one heartbeat of each worker. */
    beat() {
      for (const what of beats) what();
    },
    /** Submits a job about nuts. */
    submit: (request: Partial<JobRequest> = {}) => {
      clock.now++;
      return service.submit({ kind: 'training', model: 'nuts', order: {}, ...request });
    },
    async remove() {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** A handler that runs until the test ends it. */
export function heldHandler() {
  const calls: HeldCall[] = [];
  const waiting: ((call: HeldCall) => void)[] = [];
  const handler: JobHandler = (job, context) =>
    new Promise((resolve, reject) => {
      const call = { job, context, resolve, reject };
      const waiter = waiting.shift();
      if (waiter) waiter(call);
      else calls.push(call);
    });
  /** Resolves with the next call. */
  const called = async () =>
    calls.shift() ?? new Promise<HeldCall>((resolve) => waiting.push(resolve));
  return { handler, called };
}

interface HeldCall {
  job: Job;
  context: JobContext;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Rejects a held call when its signal aborts, like a real handler. */
export function heedSignal({ context: { signal }, reject }: HeldCall): void {
  const stop = () => reject(new Error('it was aborted'));
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop);
}
