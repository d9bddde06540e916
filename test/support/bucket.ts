import { randomUUID } from 'node:crypto';
import { Bucket } from '../../src/adapters/objects/bucket.js';
import { newS3Client } from '../../src/adapters/objects/s3-client.js';
import { emulator } from './emulator.js';

/** Creates a bucket for a test file, with an empty prefix for each test. */
export async function newBucket() {
  const aws = await emulator();
  // The client reads the environment, like that of a user.
  Object.assign(process.env, aws.env);
  const client = newS3Client(true);
  const name = await aws.newBucket();
  return {
    name,
    env: { ...aws.env, STORE: 'aws', S3_BUCKET: name } as Record<string, string>,
    endpoint: aws.endpoint,
    client,
    newPlace(prefix = `${randomUUID()}/`) {
      const open = () => new Bucket(client, { name, prefix, largestBytes: 2 ** 30 });
      return { prefix, open };
    },
  };
}
