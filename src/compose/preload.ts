import type { Config } from './config.js';

/**
 * Loads the modules that the admin routes import on first use. Node caches a failed import for good, as one without a
 * free file descriptor: importing early avoids that.
 */
export async function preload({ STORE, ACCESS_TABLE, JOBS_TABLE }: Config): Promise<void> {
  await Promise.all([
    import('../access/open.js'),
    import('../datasets/service.js'),
    import('../datasets/uploads.js'),
    import('../jobs/service.js'),
    import('../jobs/watched-store.js'),
    import('../prediction/batches/service.js'),
    import('../prediction/protocols/rows.js'),
    import('../rows/gunzip.js'),
    import('../training/service.js'),
    import('../training/follow.js'),
    import('../adapters/local/job-workers.js'),
    import('../adapters/stores/batch-predictions.js'),
    import('../adapters/stores/dataset-states.js'),
    import('../adapters/stores/dataset-uploads.js'),
    import('../adapters/stores/datasets.js'),
    import('../adapters/stores/model-definitions.js'),
    STORE === 'local'
      ? import('../adapters/local/audit.js')
      : import('../adapters/local/audit-lines.js'),
    ...(ACCESS_TABLE === '' ? localAccess() : awsAccess()),
    ...(JOBS_TABLE === '' ? [import('../adapters/local/jobs.js')] : awsJobs()),
  ]);
}

const localAccess = () => [
  import('../adapters/local/access.js'),
  import('../adapters/local/lmdb.js'),
  import('../adapters/local/usage.js'),
];
const awsAccess = () => [
  import('../adapters/aws/dynamo.js'),
  import('../adapters/aws/access.js'),
  import('../adapters/aws/stored-bytes.js'),
  import('../adapters/aws/usage.js'),
];
const awsJobs = () => [
  import('./aws-jobs.js'),
  import('../adapters/aws/dynamo.js'),
  import('../adapters/aws/jobs.js'),
  import('../adapters/aws/job-notifier.js'),
];
