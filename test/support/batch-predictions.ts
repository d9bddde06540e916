import { join } from 'node:path';
import { SharpImageDecoder } from '../../src/adapters/local/image-decoder.js';
import { LmdbJobStore } from '../../src/adapters/local/jobs.js';
import { Directory } from '../../src/adapters/objects/directory.js';
import { StoredBatchPredictions } from '../../src/adapters/stores/batch-predictions.js';
import { readConfig } from '../../src/compose/config.js';
import { compose } from '../../src/compose/index.js';
import { SILENT, type Signals } from '../../src/core/signals.js';
import { meteredHandlers } from '../../src/jobs/metered.js';
import { JobService } from '../../src/jobs/service.js';
import { JobWorker } from '../../src/jobs/worker.js';
import { BatchPredictionService } from '../../src/prediction/batches/service.js';
import { batchPredictionJobs } from '../../src/prediction/job.js';
import type { Conclusion } from '../../src/prediction/port.js';
import { ImagePreparer } from '../../src/prediction/service.js';
import { MODEL_DIR, testApp } from './app.js';
import { newDatasets } from './datasets.js';

/** Returns the API with batch predictions in a directory of their own, and a worker that runs them on demand. */
export async function batchPredictionsApp({ bytes = 1 << 24, badShare = 0.1 } = {}) {
  const world = newDatasets({ bytes: 1 << 26 });
  const jobStore = await LmdbJobStore.open(join(world.directory, 'jobs'));
  const jobs = new JobService(jobStore, { notify: async () => {} });
  const store = new StoredBatchPredictions(new Directory(world.directory));
  const { operator: composed } = await compose(
    readConfig({ MODEL_DIR, DATA_DIR: world.directory }),
  );
  const service = new BatchPredictionService(
    composed.registry,
    composed.versions,
    async () => jobs,
    store,
    async () => world.datasets,
    { bytes },
  );
  const conclusions: Conclusion[] = [];
  const row = batchPredictionJobs(async () => ({
    registry: composed.registry,
    store,
    openDataset: (dataset, first) => world.datasets.openDataset({ dataset, first }),
    preparers: [new ImagePreparer(new SharpImageDecoder())],
    conclude: (conclusion) => void conclusions.push(conclusion),
    noteStored: async () => {},
    maximumBadShare: badShare,
  }));
  const handlers = meteredHandlers([row], () => Promise.reject(new Error('the operator has none')));
  const failing: Signals = {
    ...SILENT,
    event(_type, fields) {
      throw (fields as { err?: unknown }).err;
    },
  };
  const worker = new JobWorker(jobStore, handlers, {
    leaseMs: 10_000,
    maxAttempts: 3,
    signals: failing,
  });
  const api = testApp({
    ...composed,
    datasets: async () => world,
    batchPredictions: async () => service,
  });
  const remove = async () => {
    await jobStore.close();
    world.remove();
  };
  return {
    ...world,
    ...api,
    jobs,
    jobStore,
    store,
    service,
    handlers,
    worker,
    conclusions,
    remove,
  };
}
