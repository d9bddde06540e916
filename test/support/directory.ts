import { Directory } from '../../src/adapters/objects/directory.js';

/** A directory whose models lie at its top, as in MODEL_DIR. */
export function modelsIn(directory: string): Directory {
  return new Directory(directory, { models: directory });
}
