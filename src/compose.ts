import { SharpImageDecoder } from './adapters/local/image-decoder.js';
import { openStorage, type Storage } from './compose/storage.js';
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

/** Puts the application together; with src/compose/ the only place that knows which adapters there are. */
export async function compose(
  config: Config,
  { requestsLook }: Keeping = { requestsLook: false },
): Promise<App> {
  const storage = await openStorage(config);
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
  return {
    registry,
    versions: new VersionService(storage.registry, registry),
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
