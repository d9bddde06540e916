import { join } from 'node:path';
import type { Objects } from '../adapters/objects/objects.js';
import { EarlierDirectory } from '../adapters/stores/earlier-directory.js';
import { StoredRegistry } from '../adapters/stores/registry.js';
import { OPERATOR } from '../core/operator.js';
import type { DatasetStore, UploadStore } from '../datasets/port.js';
import type { BatchPredictionStore } from '../prediction/port.js';
import type { RegistryStore } from '../registry/port.js';
import type { DataSource } from '../rows/source.js';
import type { ModelDefinitions } from '../training/port.js';
import type { Config } from './config.js';

/** The stores of one client. Stores that serving does not need are loaded on first use. */
export interface Storage {
  registry: RegistryStore;
  datasets(): Promise<{ store: DatasetStore; uploads: UploadStore }>;
  /** @param openDataset opens a dataset that a definition names */
  definitions(openDataset: OpenDataset): Promise<ModelDefinitions>;
  batchPredictions(): Promise<BatchPredictionStore>;
}

export type OpenDataset = (dataset: string) => Promise<DataSource>;

/** The objects of each client. */
export interface Storages {
  of(client: string): Objects;
  /** Returns the clients that have objects, without the operator. */
  clients(): Promise<string[]>;
}

/** Directory of the clients' objects, in DATA_DIR and in the bucket. */
export const CLIENTS = 'clients';

/** Returns the objects in directories. */
export function onThisMachine({ MODEL_DIR, DATA_DIR }: Config): Storages {
  const operator = new EarlierDirectory(DATA_DIR, { models: MODEL_DIR });
  return {
    of: (client) =>
      client === OPERATOR ? operator : new EarlierDirectory(join(DATA_DIR, CLIENTS, client)),
    clients: async () =>
      (await operator.names(`${CLIENTS}/`)).filter((name) => !name.startsWith('.')),
  };
}

/** Returns the stores over the objects of a client. */
export function storageIn(objects: Objects): Storage {
  return {
    registry: new StoredRegistry(objects),
    async datasets() {
      const { DatasetStates } = await import('../adapters/stores/dataset-states.js');
      const { StoredDatasets } = await import('../adapters/stores/datasets.js');
      const { StoredUploads } = await import('../adapters/stores/dataset-uploads.js');
      const states = new DatasetStates(objects);
      const store = new StoredDatasets(objects, states);
      return { store, uploads: new StoredUploads(objects, states) };
    },
    async definitions(openDataset) {
      const { StoredModelDefinitions } = await import('../adapters/stores/model-definitions.js');
      return new StoredModelDefinitions(objects, openDataset);
    },
    async batchPredictions() {
      const { StoredBatchPredictions } = await import('../adapters/stores/batch-predictions.js');
      return new StoredBatchPredictions(objects);
    },
  };
}
