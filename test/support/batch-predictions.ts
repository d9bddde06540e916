import { join } from 'node:path';
import { SharpImageDecoder } from '../../src/adapters/local/image-decoder.js';
import { LmdbJobStore } from '../../src/adapters/local/jobs.js';
import { Directory } from '../../src/adapters/objects/directory.js';
import { StoredBatchPredictions } from '../../src/adapters/stores/batch-predictions.js';
import { readConfig } from '../../src/compose/config.js';
import { compose } from '../../src/compose/index.js';
import { JobService } from '../../src/jobs/service.js';
import { JobWorker } from '../../src/jobs/worker.js';
import { BatchPredictionService } from '../../src/prediction/batches/service.js';
import { batchPredictionHandler } from '../../src/prediction/job.js';
import type { Conclusion } from '../../src/prediction/port.js';
import { ImagePreparer } from '../../src/prediction/service.js';
import { MODEL_DIR, testApp } from './app.js';
import { newDatasets } from './datasets.js';

/** The API with batch predictions in a directory of their own, and a worker that does them when told. */
export async function batchPredictionsApp({ bytes = 1 << 24, badShare = 0.1 } = {}) {
  const world = newDatasets({ bytes: 1 << 26 });
  const jobStore = await LmdbJobStore.open(join(world.directory, 'jobs'));
  const jobs = new JobService(jobStore, { notify: async () => {} });
  const store = new StoredBatchPredictions(new Directory(world.directory));
  const composed = await compose(readConfig({ MODEL_DIR, DATA_DIR: world.directory }));
  const service = new BatchPredictionService(
    composed.registry,
    composed.versions,
    async () => jobs,
    store,
    async () => world.datasets,
    { bytes },
  );
  const conclusions: Conclusion[] = [];
  const handler = batchPredictionHandler({
    registry: composed.registry,
    store,
    openDataset: (dataset, first) => world.datasets.openDataset({ dataset, first }),
    preparers: [new ImagePreparer(new SharpImageDecoder())],
    conclude: (conclusion) => void conclusions.push(conclusion),
    maximumBadShare: badShare,
  });
  const worker = new JobWorker(
    jobStore,
    { 'batch-prediction': handler },
    {
      leaseMs: 10_000,
      maxAttempts: 3,
      onError: (error) => {
        throw error;
      },
    },
  );
  const api = testApp({
    ...composed,
    datasets: async () => world,
    batchPredictions: async () => service,
  });
  const remove = async () => {
    await jobStore.close();
    world.remove();
  };
  return { ...world, ...api, jobs, jobStore, store, service, handler, worker, conclusions, remove };
}
