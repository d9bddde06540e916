import { join } from 'node:path';
import { SharpImageDecoder } from './adapters/local/image-decoder.js';
import { LocalRegistryStore } from './adapters/local/registry.js';
import type { Config } from './config.js';
import type { DataSource, DatasetStore, UploadStore } from './datasets/port.js';
import type { DatasetServices } from './datasets/routes.js';
import type { JobService } from './jobs/service.js';
import type { JobHandler } from './jobs/worker.js';
import type { BatchPredictionService } from './prediction/batches/service.js';
import type { BatchPredictionStore } from './prediction/port.js';
import { PredictionService } from './prediction/service.js';
import type { RegistryStore } from './registry/port.js';
import { Registry } from './registry/service.js';
import { VersionService } from './registry/versions.js';
import type { ImportService } from './training/import/service.js';
import type { ModelDefinitions } from './training/port.js';
import type { TrainingService } from './training/service.js';

const HOUR_MS = 3_600_000;

/** What the hosts work with. */
export interface App {
  registry: Registry;
  versions: VersionService;
  predictions: PredictionService;
  /** Loaded when asked for, once: predictions need none of it. */
  datasets(): Promise<DatasetServices>;
  /** Loaded when asked for: serving needs none of it. */
  training(): Promise<TrainingService>;
  /** Loaded when asked for, likewise. */
  imports(): Promise<ImportService>;
  /** Loaded when asked for, likewise. @param jobs where they are submitted */
  openBatchPredictions(jobs: () => Promise<JobService>): Promise<BatchPredictionService>;
  /** Does the jobs of batch predictions. */
  batchPredictionHandler(): Promise<JobHandler>;
}

/** How a host keeps up with moved aliases: requests look, or the host has the registry look. */
export interface Keeping {
  requestsLook: boolean;
}

/** Where models and datasets are kept. */
interface Storage {
  registry: RegistryStore;
  datasets(): Promise<{ store: DatasetStore; uploads: UploadStore }>;
  /** @param openDataset opens a dataset that a definition names */
  definitions(openDataset: OpenDataset): Promise<ModelDefinitions>;
  batchPredictions(): Promise<BatchPredictionStore>;
}

type OpenDataset = (dataset: string) => Promise<DataSource>;

/** Puts the application together; the only place that knows which adapters there are. */
export async function compose(
  config: Config,
  { requestsLook }: Keeping = { requestsLook: false },
): Promise<App> {
  const storage = config.STORE === 'aws' ? await onAws(config) : onThisMachine(config);
  const registry = new Registry(
    storage.registry,
    requestsLook ? { checkAfter: config.MODEL_REFRESH_S * 1000 } : {},
  );
  let opened: Promise<DatasetServices> | undefined;
  const datasets = (): Promise<DatasetServices> => {
    opened ??= openDatasets(config, storage);
    return opened;
  };
  const openDataset = async (dataset: string) =>
    (await datasets()).datasets.openDataset({ dataset });
  const versions = new VersionService(storage.registry, registry);
  return {
    registry,
    versions,
    predictions: new PredictionService(registry, new SharpImageDecoder()),
    datasets,
    async training() {
      const { TrainingService } = await import('./training/service.js');
      const { Trainer } = await import('./training/train.js');
      const { WorkerTrainingRunner } = await import('./adapters/local/training-runner.js');
      const worker = new URL('./training-worker.js', import.meta.url);
      return new TrainingService(
        await storage.definitions(openDataset),
        registry,
        new Trainer(new WorkerTrainingRunner(worker)),
      );
    },
    async imports() {
      const { ImportService } = await import('./training/import/service.js');
      const { LocalForeignModels } = await import('./adapters/local/foreign-models.js');
      return new ImportService(
        new LocalForeignModels(),
        await storage.definitions(openDataset),
        registry,
      );
    },
    async openBatchPredictions(jobs) {
      const { BatchPredictionService } = await import('./prediction/batches/service.js');
      return new BatchPredictionService(
        registry,
        versions,
        jobs,
        await storage.batchPredictions(),
        async () => (await datasets()).datasets,
        { bytes: config.BATCH_LIMIT_BYTES },
      );
    },
    async batchPredictionHandler() {
      const { batchPredictionHandler } = await import('./prediction/job.js');
      return batchPredictionHandler({
        registry,
        store: await storage.batchPredictions(),
        openDataset: async (dataset, first) =>
          (await datasets()).datasets.openDataset({ dataset, first }),
        maximumBadShare: config.MAX_BAD_PERCENT / 100,
      });
    },
  };
}

function onThisMachine(config: Config): Storage {
  return {
    registry: new LocalRegistryStore(config.MODEL_DIR),
    async datasets() {
      const { DatasetDirectories } = await import('./adapters/local/dataset-directories.js');
      const { LocalDatasetStore } = await import('./adapters/local/datasets.js');
      const { LocalUploadStore } = await import('./adapters/local/dataset-uploads.js');
      const directories = new DatasetDirectories(join(config.DATA_DIR, 'datasets'));
      const store = new LocalDatasetStore(directories);
      return { store, uploads: new LocalUploadStore(directories) };
    },
    async definitions(openDataset) {
      const { LocalModelDefinitions } = await import('./adapters/local/model-definitions.js');
      return new LocalModelDefinitions(config.MODEL_DIR, openDataset);
    },
    async batchPredictions() {
      const { LocalBatchPredictionStore } = await import('./adapters/local/batch-predictions.js');
      return new LocalBatchPredictionStore(join(config.DATA_DIR, 'batch-predictions'));
    },
  };
}

/** Nothing of AWS is loaded where it is not asked for. */
async function onAws(config: Config): Promise<Storage> {
  const { Bucket } = await import('./adapters/aws/bucket.js');
  const { newS3Client } = await import('./adapters/aws/s3-client.js');
  const { S3RegistryStore } = await import('./adapters/aws/registry.js');
  const bucket = new Bucket(newS3Client(config.AWS_ENDPOINT_URL !== ''), {
    name: config.S3_BUCKET,
    prefix: config.S3_PREFIX,
    largestBytes: config.BATCH_LIMIT_BYTES,
  });
  return {
    registry: new S3RegistryStore(bucket),
    async datasets() {
      const { DatasetStates } = await import('./adapters/aws/dataset-states.js');
      const { S3DatasetStore } = await import('./adapters/aws/datasets.js');
      const { S3UploadStore } = await import('./adapters/aws/dataset-uploads.js');
      const states = new DatasetStates(bucket);
      const store = new S3DatasetStore(bucket, states);
      return { store, uploads: new S3UploadStore(bucket, states) };
    },
    async definitions(openDataset) {
      const { S3ModelDefinitions } = await import('./adapters/aws/model-definitions.js');
      return new S3ModelDefinitions(bucket, openDataset);
    },
    async batchPredictions() {
      const { S3BatchPredictionStore } = await import('./adapters/aws/batch-predictions.js');
      return new S3BatchPredictionStore(bucket);
    },
  };
}

async function openDatasets(config: Config, storage: Storage): Promise<DatasetServices> {
  const { DatasetService } = await import('./datasets/batches/service.js');
  const { UploadService } = await import('./datasets/batches/uploads.js');
  const stores = await storage.datasets();
  const datasets = new DatasetService(stores.store, {
    bytes: config.BATCH_LIMIT_BYTES,
    badShare: config.MAX_BAD_PERCENT / 100,
  });
  const uploads = new UploadService(stores.uploads, datasets, {
    partBytes: config.UPLOAD_PART_BYTES,
    lifeMs: config.UPLOAD_LIFE_HOURS * HOUR_MS,
  });
  return { datasets, uploads };
}
