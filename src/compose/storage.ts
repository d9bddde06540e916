import { join } from 'node:path';
import { LocalRegistryStore } from '../adapters/local/registry.js';
import type { Config } from '../config.js';
import type { DataSource, DatasetStore, UploadStore } from '../datasets/port.js';
import type { BatchPredictionStore } from '../prediction/port.js';
import type { RegistryStore } from '../registry/port.js';
import type { ModelDefinitions } from '../training/port.js';

/** Where everything is kept. What serving does not need is loaded when it is asked for. */
export interface Storage {
  registry: RegistryStore;
  datasets(): Promise<{ store: DatasetStore; uploads: UploadStore }>;
  /** @param openDataset opens a dataset that a definition names */
  definitions(openDataset: OpenDataset): Promise<ModelDefinitions>;
  batchPredictions(): Promise<BatchPredictionStore>;
}

export type OpenDataset = (dataset: string) => Promise<DataSource>;

export function onThisMachine(config: Config): Storage {
  return {
    registry: new LocalRegistryStore(config.MODEL_DIR),
    async datasets() {
      const { DatasetDirectories } = await import('../adapters/local/dataset-directories.js');
      const { LocalDatasetStore } = await import('../adapters/local/datasets.js');
      const { LocalUploadStore } = await import('../adapters/local/dataset-uploads.js');
      const directories = new DatasetDirectories(join(config.DATA_DIR, 'datasets'));
      const store = new LocalDatasetStore(directories);
      return { store, uploads: new LocalUploadStore(directories) };
    },
    async definitions(openDataset) {
      const { LocalModelDefinitions } = await import('../adapters/local/model-definitions.js');
      return new LocalModelDefinitions(config.MODEL_DIR, openDataset);
    },
    async batchPredictions() {
      const { LocalBatchPredictionStore } = await import('../adapters/local/batch-predictions.js');
      return new LocalBatchPredictionStore(join(config.DATA_DIR, 'batch-predictions'));
    },
  };
}
