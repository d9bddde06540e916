import { Bucket } from '../adapters/objects/bucket.js';
import { newS3Client } from '../adapters/objects/s3-client.js';
import { OPERATOR } from '../core/operator.js';
import type { Config } from './config.js';
import { CLIENTS, type Storages } from './storage.js';

/** Returns the objects in S3. Import this module only where STORE is aws: it loads the SDK. */
export function onAws(config: Config): Storages {
  const s3 = newS3Client(config.AWS_ENDPOINT_URL !== '');
  const bucketAt = (path: string) =>
    new Bucket(s3, {
      name: config.S3_BUCKET,
      prefix: config.S3_PREFIX + path,
      largestBytes: config.BATCH_LIMIT_BYTES,
    });
  return {
    of: (client) => bucketAt(client === OPERATOR ? '' : `${CLIENTS}/${client}/`),
    clients: () => bucketAt('').names(`${CLIENTS}/`),
  };
}
