import { Directory } from '../../src/adapters/objects/directory.js';
import type { Objects } from '../../src/adapters/objects/objects.js';
import { DatasetStates } from '../../src/adapters/stores/dataset-states.js';
import { StoredUploads } from '../../src/adapters/stores/dataset-uploads.js';
import { StoredDatasets } from '../../src/adapters/stores/datasets.js';
import { StoredRegistry } from '../../src/adapters/stores/registry.js';

/** Opens a directory with models at its top, like MODEL_DIR. */
export function modelsIn(directory: string): Directory {
  return new Directory(directory, { models: directory });
}

export function registryIn(directory: string): StoredRegistry {
  return new StoredRegistry(modelsIn(directory));
}

/** Opens stores of datasets that share only the directory. */
export function openDatasets(objects: Objects) {
  const states = new DatasetStates(objects);
  return {
    store: new StoredDatasets(objects, states),
    uploadStore: new StoredUploads(objects, states),
  };
}
