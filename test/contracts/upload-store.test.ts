import { beforeAll, describe } from '@jest/globals';
import { newBucket } from '../support/bucket.js';
import { newDatasets } from '../support/datasets.js';
import { describeAws } from '../support/emulator.js';
import { openDatasets } from '../support/stores.js';
import { uploadStoreContract } from './upload-store.js';

describe('an upload of the local store', () => {
  uploadStoreContract(() => {
    const world = newDatasets();
    return { open: world.open, remove: world.remove };
  });
});

describeAws('an upload of the store on S3', () => {
  let bucket: Awaited<ReturnType<typeof newBucket>>;
  beforeAll(async () => {
    bucket = await newBucket();
  });
  uploadStoreContract(() => {
    const { open } = bucket.newPlace();
    return { open: () => openDatasets(open()), remove: () => undefined };
  });
});
