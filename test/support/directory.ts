import { Directory } from '../../src/adapters/objects/directory.js';
import { StoredRegistry } from '../../src/adapters/stores/registry.js';

/** A directory whose models lie at its top, as in MODEL_DIR. */
export function modelsIn(directory: string): Directory {
  return new Directory(directory, { models: directory });
}

export function registryIn(directory: string): StoredRegistry {
  return new StoredRegistry(modelsIn(directory));
}
