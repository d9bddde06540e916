import { describe } from '@jest/globals';
import { newDatasets } from '../support/datasets.js';
import { uploadStoreContract } from './upload-store.js';

describe('an upload of the local store', () => {
  uploadStoreContract(() => {
    const world = newDatasets();
    return { open: world.open, remove: world.remove };
  });
});
