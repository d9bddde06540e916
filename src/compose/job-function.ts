import { datasetOfKey } from '../adapters/stores/dataset-keys.js';
import type { UpkeepService } from '../chores/service.js';
import { eventType, type Signals } from '../core/signals.js';
import type { OwnedDataset } from '../datasets/port.js';
import type { Job, JobNotifier, JobRow, JobStore } from '../jobs/port.js';
import type { JobHandlers, JobWorker } from '../jobs/worker.js';
import { openPlacement } from './aws-jobs.js';
import type { Config } from './config.js';
import type { Workspaces } from './workspaces.js';

/** A job failed. infra/alarms.tf counts these lines for the alarm of failed trainings. */
const JOB_FAILED = eventType<Pick<Job, 'kind' | 'client' | 'model' | 'error'> & { job: string }>(
  'job.failed',
  'error',
  'a job failed',
);

/** Dependencies of the Lambda function that runs jobs. */
export interface JobFunctionParts {
  store: JobStore;
  notifier: JobNotifier;
  table: readonly JobRow[];
  handlers: JobHandlers;
  workspaces: Workspaces;
  upkeep: Pick<UpkeepService, 'round'>;
  signals: Signals;
}

/** Composes the function that runs jobs. */
export async function composeJobFunction(config: Config, parts: JobFunctionParts) {
  const { notifier, table, workspaces, upkeep, signals } = parts;
  const { JobWorker } = await import('../jobs/worker.js');
  const { watchFailures } = await import('../jobs/watched-store.js');
  const reportFailed = ({ id, kind, client, model, error }: Job): void =>
    signals.event(JOB_FAILED, { job: id, kind, client, model, ...(error && { error }) });
  const store = watchFailures(parts.store, reportFailed);
  const options = { ...workerOptions(config), signals };
  const here = new JobWorker(store, parts.handlers, options);
  const rows = new Map(table.map((row) => [row.kind, row]));
  const placement = await openPlacement(config, async (job) => rows.get(job.kind)?.bytesOf?.(job));
  let worker: Pick<JobWorker, 'run' | 'runNext'> = here;
  if (placement) {
    const { PlacingWorker } = await import('../jobs/placing-worker.js');
    worker = new PlacingWorker(store, here, placement, options);
  }
  return {
    worker,
    store,
    kinds: table,
    failedElsewhere: reportFailed,
    notify: (job: Job) => notifier.notify(job),
    datasetOf: ({ key }: { key: string }) => datasetOfKey(key, config.S3_PREFIX),
    async retrain({ client, dataset }: OwnedDataset) {
      return (await workspaces.of(client).follower()).onBatch(dataset);
    },
    doChores: () => upkeep.round(),
  };
}

/** Returns the lease of a job, in milliseconds, and its attempts. */
export function workerOptions({ JOB_LEASE_S, JOB_MAX_ATTEMPTS }: Config) {
  return { leaseMs: JOB_LEASE_S * 1000, maxAttempts: JOB_MAX_ATTEMPTS };
}
