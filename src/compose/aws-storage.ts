import { Bucket } from '../adapters/objects/bucket.js';
import { newS3Client } from '../adapters/objects/s3-client.js';
import { StoredRegistry } from '../adapters/stores/registry.js';
import { OPERATOR } from '../core/operator.js';
import type { Config } from './config.js';
import { CLIENTS, type Storage, type Storages } from './storage.js';

/** This module is loaded where AWS is asked for, and nowhere else: it loads the clients of AWS. */
export function onAws(config: Config): Storages {
  const s3 = newS3Client(config.AWS_ENDPOINT_URL !== '');
  const bucketAt = (path: string) =>
    new Bucket(s3, {
      name: config.S3_BUCKET,
      prefix: config.S3_PREFIX + path,
      largestBytes: config.BATCH_LIMIT_BYTES,
    });
  return {
    of: (client) => inBucket(bucketAt(client === OPERATOR ? '' : `${CLIENTS}/${client}/`)),
    clients: () => bucketAt('').names(`${CLIENTS}/`),
  };
}

function inBucket(bucket: Bucket): Storage {
  return {
    stored: { countsUnfinished: false, measure: () => bucket.bytes() },
    registry: new StoredRegistry(bucket),
    async datasets() {
      const { DatasetStates } = await import('../adapters/stores/dataset-states.js');
      const { StoredDatasets } = await import('../adapters/stores/datasets.js');
      const { StoredUploads } = await import('../adapters/stores/dataset-uploads.js');
      const states = new DatasetStates(bucket);
      const store = new StoredDatasets(bucket, states);
      return { store, uploads: new StoredUploads(bucket, states) };
    },
    async definitions(openDataset) {
      const { StoredModelDefinitions } = await import('../adapters/stores/model-definitions.js');
      return new StoredModelDefinitions(bucket, openDataset);
    },
    async batchPredictions() {
      const { StoredBatchPredictions } = await import('../adapters/stores/batch-predictions.js');
      return new StoredBatchPredictions(bucket);
    },
  };
}
