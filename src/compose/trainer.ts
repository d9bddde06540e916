import { datasetOfKey } from '../adapters/stores/dataset-keys.js';
import type { OwnedDataset } from '../datasets/port.js';
import type { Job } from '../jobs/job.js';
import type { JobNotifier, JobStore } from '../jobs/port.js';
import type { JobHandlers, JobWorker } from '../jobs/worker.js';
import { openPlacement } from './aws-jobs.js';
import type { Config } from './config.js';
import type { Workspaces } from './workspaces.js';

const HOUR_MS = 3_600_000;
/** What a publication takes at most. */
const SCRATCH_LIFE_MS = 24 * HOUR_MS;

/** Called with the jobs that come to nothing. */
export interface TrainerObserver {
  /** Something broke on our side. */
  onError(error: unknown, job: Job): void;
  /** A job is over and has failed, for whatever reason. */
  onFailed(job: Job): void;
}

/** What the trainer is made of. */
export interface TrainerParts {
  store: JobStore;
  notifier: JobNotifier;
  handlers: JobHandlers;
  workspaces: Workspaces;
  observer: TrainerObserver;
}

/** Puts the trainer function together. */
export async function composeTrainer(config: Config, parts: TrainerParts) {
  const { notifier, workspaces, observer } = parts;
  const { JobWorker } = await import('../jobs/worker.js');
  const { watchFailures } = await import('../jobs/watched-store.js');
  const store = watchFailures(parts.store, (job) => observer.onFailed(job));
  const options = { ...workerOptions(config), onError: observer.onError };
  const here = new JobWorker(store, parts.handlers, options);
  const placement = await openPlacement(config, (job) => bytesOf(job, workspaces));
  let worker: Pick<JobWorker, 'run' | 'runNext'> = here;
  if (placement) {
    const { PlacingWorker } = await import('../jobs/placing-worker.js');
    worker = new PlacingWorker(store, here, placement, options);
  }
  return {
    worker,
    store,
    failedElsewhere: (job: Job) => observer.onFailed(job),
    notify: (job: Job) => notifier.notify(job),
    datasetOf: ({ key }: { key: string }) => datasetOfKey(key, config.S3_PREFIX),
    async retrain({ client, dataset }: OwnedDataset) {
      return (await workspaces.of(client).follower()).onBatch(dataset);
    },
    async reconcile() {
      for (const { follower } of await workspaces.all()) await (await follower()).reconcile();
    },
    async sweep() {
      const before = new Date(Date.now() - config.RESULT_LIFE_HOURS * HOUR_MS);
      const left = new Date(Date.now() - SCRATCH_LIFE_MS);
      for (const workspace of await workspaces.all()) {
        await (await workspace.batchPredictions()).sweep(before);
        await workspace.versions.sweep(left);
        await workspace.measure();
      }
    },
  };
}

/** How long and how often workers try. */
export function workerOptions({ JOB_LEASE_S, JOB_MAX_ATTEMPTS }: Config) {
  return { leaseMs: JOB_LEASE_S * 1000, maxAttempts: JOB_MAX_ATTEMPTS };
}

/** How much a training reads: its dataset. */
async function bytesOf(
  { client, kind, model }: Job,
  workspaces: Workspaces,
): Promise<number | undefined> {
  if (kind !== 'training') return undefined;
  const workspace = workspaces.of(client);
  const { dataset } = await (await workspace.definitions()).readDefinition(model);
  if (dataset === undefined) return undefined;
  const { datasets } = await workspace.datasets();
  return (await datasets.describe(dataset, { limit: 1 })).totals.bytes;
}
