import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesIn } from '../adapters/local/bytes-in.js';
import { EarlierDirectory } from '../adapters/stores/earlier-directory.js';
import { StoredRegistry } from '../adapters/stores/registry.js';
import { OPERATOR } from '../core/operator.js';
import type { StoredBytes } from '../core/room.js';
import type { DatasetStore, UploadStore } from '../datasets/port.js';
import type { BatchPredictionStore } from '../prediction/port.js';
import type { RegistryStore } from '../registry/port.js';
import type { DataSource } from '../rows/source.js';
import type { ModelDefinitions } from '../training/port.js';
import type { Config } from './config.js';

/** Where all of one client is kept. What serving does not need is loaded when it is asked for. */
export interface Storage {
  /** How much all of it is. */
  readonly stored: StoredBytes;
  registry: RegistryStore;
  datasets(): Promise<{ store: DatasetStore; uploads: UploadStore }>;
  /** @param openDataset opens a dataset that a definition names */
  definitions(openDataset: OpenDataset): Promise<ModelDefinitions>;
  batchPredictions(): Promise<BatchPredictionStore>;
}

export type OpenDataset = (dataset: string) => Promise<DataSource>;

/** Where everything is kept: each client in a place of its own. */
export interface Storages {
  of(client: string): Storage;
  /** The clients of which something is kept, but for the operator. */
  clients(): Promise<string[]>;
}

/** Where the clients are, in DATA_DIR and in the bucket. */
export const CLIENTS = 'clients';

export function onThisMachine({ MODEL_DIR, DATA_DIR }: Config): Storages {
  const clients = join(DATA_DIR, CLIENTS);
  return {
    of(client) {
      if (client === OPERATOR) return inDirectories(MODEL_DIR, DATA_DIR);
      const directory = join(clients, client);
      return inDirectories(join(directory, 'models'), directory);
    },
    async clients() {
      const found = await readdir(clients, { withFileTypes: true }).catch(noneWhereAbsent);
      return found.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    },
  };
}

function inDirectories(models: string, data: string): Storage {
  const objects = new EarlierDirectory(data, { models });
  return {
    stored: { countsUnfinished: true, measure: () => bytesIn(data) },
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

function noneWhereAbsent(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
  throw error;
}
