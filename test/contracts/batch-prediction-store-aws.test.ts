import { beforeAll, describe, expect, it } from '@jest/globals';
import { Bucket } from '../../src/adapters/objects/bucket.js';
import { StoredBatchPredictions } from '../../src/adapters/stores/batch-predictions.js';
import { uuidv7 } from '../../src/core/ids.js';
import { newBucket } from '../support/bucket.js';
import { describeAws } from '../support/emulator.js';
import { batchPredictionStoreContract, putInput, putResult } from './batch-prediction-store.js';

describeAws('the store in S3', () => {
  let made: Awaited<ReturnType<typeof newBucket>>;
  beforeAll(async () => {
    made = await newBucket();
  });

  /** Empty storage, and stores that share it. */
  const newPlace = () => {
    const { open } = made.newPlace();
    return { bucket: open(), open: () => new StoredBatchPredictions(open()), remove: () => {} };
  };

  batchPredictionStoreContract(newPlace);

  describe('its bucket', () => {
    const keysOf = async (bucket: Bucket) => {
      const keys: string[] = [];
      for await (const { key } of bucket.list(''))
        keys.push(key.replaceAll(/[0-9a-f-]{36}/g, 'id'));
      return keys.sort();
    };

    it('holds only the first data, however often a put is repeated or fails', async () => {
      const { bucket, open } = newPlace();
      const store = open();
      const job = uuidv7();
      await Promise.all(Array.from({ length: 5 }, (_, i) => putInput(store, job, `rows ${i}`)));
      await Promise.all(Array.from({ length: 5 }, (_, i) => putResult(store, job, `rows ${i}`)));
      const failing = store.putResultOnce(job, () => Promise.reject(new Error('broken')));
      await expect(failing).rejects.toThrow('broken');
      expect(await keysOf(bucket)).toEqual([
        'batch-predictions/id/id/content',
        'batch-predictions/id/id/content',
        'batch-predictions/id/id/rejects.csv',
        'batch-predictions/id/input.json',
        'batch-predictions/id/result.json',
      ]);
      for (const job of await store.jobs()) await store.sweep(job, new Date(Date.now() + 60_000));
      expect(await keysOf(bucket)).toEqual([]);
    });

    it('that is missing is named', async () => {
      const bucket = new Bucket(made.client, { name: uuidv7(), prefix: '', largestBytes: 1 });
      const store = new StoredBatchPredictions(bucket);
      const failure = { code: 'storage_unavailable' };
      await expect(store.openResult(uuidv7())).rejects.toMatchObject(failure);
      await expect(putInput(store, uuidv7(), 'rows')).rejects.toMatchObject(failure);
    });
  });
});
