import { datasetOfKey } from '../adapters/aws/dataset-keys.js';
import type { Config } from '../config.js';
import type { DatasetService } from '../datasets/batches/service.js';
import type { Job } from '../jobs/job.js';
import type { JobNotifier, JobStore } from '../jobs/port.js';
import type { JobHandlers, JobWorker } from '../jobs/worker.js';
import type { Follower } from '../training/follow.js';
import type { ModelDefinitions } from '../training/port.js';
import { openPlacement } from './aws-jobs.js';

/** What the trainer is made of. */
export interface TrainerParts {
  store: JobStore;
  notifier: JobNotifier;
  handlers: JobHandlers;
  follower: Pick<Follower, 'onBatch' | 'reconcile'>;
  definitions: Pick<ModelDefinitions, 'readDefinition'>;
  datasets: Pick<DatasetService, 'describe'>;
  /** Hears of what is nobody's fault but ours. */
  onError: (error: unknown, job: Job) => void;
}

/** Puts the trainer function together. */
export async function composeTrainer(config: Config, parts: TrainerParts) {
  const { store, notifier, follower, onError } = parts;
  const { JobWorker } = await import('../jobs/worker.js');
  const options = { ...workerOptions(config), onError };
  const here = new JobWorker(store, parts.handlers, options);
  const placement = await openPlacement(config, (job) => bytesOf(job, parts));
  let worker: Pick<JobWorker, 'run' | 'runNext'> = here;
  if (placement) {
    const { PlacingWorker } = await import('../jobs/placing-worker.js');
    worker = new PlacingWorker(store, here, placement, options);
  }
  return {
    worker,
    store,
    notify: (job: Job) => notifier.notify(job),
    datasetOf: ({ key }: { key: string }) => datasetOfKey(key),
    retrain: (dataset: string) => follower.onBatch(dataset),
    reconcile: () => follower.reconcile(),
  };
}

/** How long and how often workers try. */
export function workerOptions({ JOB_LEASE_S, JOB_MAX_ATTEMPTS }: Config) {
  return { leaseMs: JOB_LEASE_S * 1000, maxAttempts: JOB_MAX_ATTEMPTS };
}

/** How much a training reads: its dataset. */
async function bytesOf(
  { kind, model }: Job,
  { definitions, datasets }: TrainerParts,
): Promise<number | undefined> {
  if (kind !== 'training') return undefined;
  const { dataset } = await definitions.readDefinition(model);
  if (dataset === undefined) return undefined;
  return (await datasets.describe(dataset, { limit: 1 })).totals.bytes;
}
