import { Bucket } from '../adapters/aws/bucket.js';
import { S3RegistryStore } from '../adapters/aws/registry.js';
import { newS3Client } from '../adapters/aws/s3-client.js';
import type { Config } from '../config.js';
import type { Storage } from './storage.js';

/** This module is loaded where AWS is asked for, and nowhere else: it loads the clients of AWS. */
export function onAws(config: Config): Storage {
  const bucket = new Bucket(newS3Client(config.AWS_ENDPOINT_URL !== ''), {
    name: config.S3_BUCKET,
    prefix: config.S3_PREFIX,
    largestBytes: config.BATCH_LIMIT_BYTES,
  });
  return {
    registry: new S3RegistryStore(bucket),
    async datasets() {
      const { DatasetStates } = await import('../adapters/aws/dataset-states.js');
      const { S3DatasetStore } = await import('../adapters/aws/datasets.js');
      const { S3UploadStore } = await import('../adapters/aws/dataset-uploads.js');
      const states = new DatasetStates(bucket);
      const store = new S3DatasetStore(bucket, states);
      return { store, uploads: new S3UploadStore(bucket, states) };
    },
    async definitions(openDataset) {
      const { S3ModelDefinitions } = await import('../adapters/aws/model-definitions.js');
      return new S3ModelDefinitions(bucket, openDataset);
    },
    async batchPredictions() {
      const { S3BatchPredictionStore } = await import('../adapters/aws/batch-predictions.js');
      return new S3BatchPredictionStore(bucket);
    },
  };
}
