import { existsSync } from 'node:fs';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { LapidaryError } from '../core/errors.js';
import { storageFailure } from '../core/storage-failure.js';
import type { Config } from './config.js';

/** Returns the place of each kind of data, for messages. */
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

/** Returns why DATA_DIR cannot be written; undefined if it can be, or is not used. */
export async function unwritable({
  STORE,
  DATA_DIR,
}: Pick<Config, 'STORE' | 'DATA_DIR'>): Promise<LapidaryError | undefined> {
  if (STORE === 'aws') return undefined;
  let directory = resolve(DATA_DIR);
  while (!existsSync(directory)) directory = dirname(directory);
  try {
    await rmdir(await mkdtemp(join(directory, '.lapidary-')));
    return undefined;
  } catch (error) {
    return storageFailure(error, 'reading');
  }
}
