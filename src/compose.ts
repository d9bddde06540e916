import { join } from 'node:path';
import { SharpImageDecoder } from './adapters/local/image-decoder.js';
import { LocalRegistryStore } from './adapters/local/registry.js';
import type { Config } from './config.js';
import type { DatasetServices } from './datasets/routes.js';
import { PredictionService } from './prediction/service.js';
import { Registry } from './registry/service.js';
import { VersionService } from './registry/versions.js';
import type { ImportService } from './training/import/service.js';
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
}

/** How a host keeps up with moved aliases: requests look, or the host has the registry look. */
export interface Keeping {
  requestsLook: boolean;
}

/** Puts the application together; the only place that knows which adapters there are. */
export function compose(config: Config, { requestsLook }: Keeping = { requestsLook: false }): App {
  const store = new LocalRegistryStore(config.MODEL_DIR);
  const registry = new Registry(
    store,
    requestsLook ? { checkAfter: config.MODEL_REFRESH_S * 1000 } : {},
  );
  let opened: Promise<DatasetServices> | undefined;
  const datasets = (): Promise<DatasetServices> => {
    opened ??= openDatasets(config);
    return opened;
  };
  const openDataset = async (dataset: string) =>
    (await datasets()).datasets.openDataset({ dataset });
  return {
    registry,
    versions: new VersionService(store, registry),
    predictions: new PredictionService(registry, new SharpImageDecoder()),
    datasets,
    async training() {
      const { TrainingService } = await import('./training/service.js');
      const { Trainer } = await import('./training/train.js');
      const { LocalModelDefinitions } = await import('./adapters/local/model-definitions.js');
      const { WorkerTrainingRunner } = await import('./adapters/local/training-runner.js');
      const worker = new URL('./training-worker.js', import.meta.url);
      return new TrainingService(
        new LocalModelDefinitions(config.MODEL_DIR, openDataset),
        registry,
        new Trainer(new WorkerTrainingRunner(worker)),
      );
    },
    async imports() {
      const { ImportService } = await import('./training/import/service.js');
      const { LocalModelDefinitions } = await import('./adapters/local/model-definitions.js');
      const { LocalForeignModels } = await import('./adapters/local/foreign-models.js');
      return new ImportService(
        new LocalForeignModels(),
        new LocalModelDefinitions(config.MODEL_DIR, openDataset),
        registry,
      );
    },
  };
}

async function openDatasets(config: Config): Promise<DatasetServices> {
  const { DatasetService } = await import('./datasets/batches/service.js');
  const { UploadService } = await import('./datasets/batches/uploads.js');
  const { DatasetDirectories } = await import('./adapters/local/dataset-directories.js');
  const { LocalDatasetStore } = await import('./adapters/local/datasets.js');
  const { LocalUploadStore } = await import('./adapters/local/dataset-uploads.js');
  const directories = new DatasetDirectories(join(config.DATA_DIR, 'datasets'));
  const datasets = new DatasetService(new LocalDatasetStore(directories), {
    bytes: config.BATCH_LIMIT_BYTES,
    badShare: config.MAX_BAD_PERCENT / 100,
  });
  const uploads = new UploadService(new LocalUploadStore(directories), datasets, {
    partBytes: config.UPLOAD_PART_BYTES,
    lifeMs: config.UPLOAD_LIFE_HOURS * HOUR_MS,
  });
  return { datasets, uploads };
}
