import { SharpImageDecoder } from './adapters/local/image-decoder.js';
import { LocalRegistryStore } from './adapters/local/registry.js';
import type { Config } from './config.js';
import { PredictionService } from './prediction/service.js';
import { Registry } from './registry/service.js';
import { VersionService } from './registry/versions.js';
import type { ImportService } from './training/import/service.js';
import type { TrainingService } from './training/service.js';

/** What the hosts work with. */
export interface App {
  registry: Registry;
  versions: VersionService;
  predictions: PredictionService;
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
  return {
    registry,
    versions: new VersionService(store, registry),
    predictions: new PredictionService(registry, new SharpImageDecoder()),
    async training() {
      const { TrainingService } = await import('./training/service.js');
      const { LocalModelDefinitions } = await import('./adapters/local/model-definitions.js');
      const { WorkerTrainingRunner } = await import('./adapters/local/training-runner.js');
      const worker = new URL('./training-worker.js', import.meta.url);
      return new TrainingService(
        new LocalModelDefinitions(config.MODEL_DIR),
        registry,
        new WorkerTrainingRunner(worker),
      );
    },
    async imports() {
      const { ImportService } = await import('./training/import/service.js');
      const { LocalModelDefinitions } = await import('./adapters/local/model-definitions.js');
      const { LocalForeignModels } = await import('./adapters/local/foreign-models.js');
      return new ImportService(
        new LocalForeignModels(),
        new LocalModelDefinitions(config.MODEL_DIR),
        registry,
      );
    },
  };
}
