import { resolve } from 'node:path';
import type { Config } from './config.js';

/** Where each kind of thing is kept, for people to read. */
export function placesOf(config: Config) {
  const { STORE, S3_BUCKET, S3_PREFIX, MODEL_DIR, DATA_DIR, JOBS_TABLE, ACCESS_TABLE } = config;
  const inBucket = (kind: string) => `s3://${S3_BUCKET}/${S3_PREFIX}${kind}`;
  const inData = (kind: string) => resolve(DATA_DIR, kind);
  const orTable = (table: string, path: string) => (table === '' ? path : `the table ${table}`);
  return {
    models: STORE === 'aws' ? inBucket('models') : resolve(MODEL_DIR),
    datasets: STORE === 'aws' ? inBucket('datasets') : inData('datasets'),
    jobs: orTable(JOBS_TABLE, inData('jobs')),
    access: orTable(ACCESS_TABLE, inData('access')),
  };
}
