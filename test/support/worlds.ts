import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { StoredRegistry } from '../../src/adapters/stores/registry.js';
import { DatasetService } from '../../src/datasets/service.js';
import type { RegistryStore } from '../../src/registry/port.js';
import { EventSource } from '../hosts/lambda/event-source.js';
import { startFunction } from '../hosts/lambda/function.js';
import { MAIN } from '../hosts/lambda/toolbox.js';
import { newBucket } from './bucket.js';
import { chunked } from './datasets.js';
import { emulator } from './emulator.js';
import { JOBS_TABLE } from './jobs-table.js';
import { startServer } from './process.js';
import { openDatasets, registryIn } from './stores.js';

const PREFIX = 'lapidary/';
const TRAINER_MS = 120_000;

/** Empty storage for everything. */
export interface Place {
  env: Record<string, string>;
  /** Reads the stored versions without a server. */
  registry: RegistryStore;
  remove(): void;
}

export async function newLocalPlace(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-world-'));
  const models = join(directory, 'models');
  return {
    env: { MODEL_DIR: models, DATA_DIR: join(directory, 'data') },
    registry: registryIn(models),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

/** Storage in S3 and DynamoDB; the local directories are not used. */
export async function newAwsPlace(): Promise<Place & { bucket: Bucket }> {
  const local = await newLocalPlace();
  const bucket = await newBucket();
  const table = await (await emulator()).newTable(JOBS_TABLE);
  return {
    ...local,
    env: { ...local.env, ...bucket.env, S3_PREFIX: PREFIX, JOBS_TABLE: table },
    registry: new StoredRegistry(bucket.newPlace(PREFIX).open()),
    bucket,
  };
}
type Bucket = Awaited<ReturnType<typeof newBucket>>;

/** A running Lapidary. */
export interface World {
  url: string;
  /** Commits a batch that only S3 announces, as if the server died before it submitted the training. */
  appendUntold?(dataset: string, csv: string): Promise<void>;
  stop(): Promise<void>;
}

/** The server, and a worker beside it. */
export async function startWithWorker(opening: Promise<Place>): Promise<World> {
  const { env, remove } = await opening;
  const server = await startServer({ ...env, JOB_WORKERS: '1' });
  return {
    url: server.url,
    async stop() {
      server.child.kill();
      await server.finished;
      remove();
    },
  };
}

/** Like production: the API, a queue with messages of S3 and the API, and the trainer function. */
export async function startWithTrainer(): Promise<World> {
  const aws = await emulator();
  const { bucket, ...place } = await newAwsPlace();
  const queue = await aws.newQueue({ VisibilityTimeout: String(TRAINER_MS / 1000) });
  await bucket.client.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket.name,
      NotificationConfiguration: {
        QueueConfigurations: [{ QueueArn: queue.arn, Events: ['s3:ObjectCreated:*'] }],
      },
    }),
  );
  const env = { ...place.env, JOBS_QUEUE_URL: queue.url, MODEL_REFRESH_S: '1' };
  const trainer = await startFunction({
    command: [process.execPath, MAIN, 'lambda', 'trainer'],
    timeoutMs: TRAINER_MS,
    env,
  });
  const server = await startServer(env);
  const delivering = new AbortController();
  const source = new EventSource(queue, trainer, aws);
  const delivered = source.deliverUntil(delivering.signal);
  return {
    url: server.url,
    async appendUntold(dataset, csv) {
      const { store } = openDatasets(bucket.newPlace(PREFIX).open());
      const datasets = new DatasetService(store, { bytes: 1 << 24, badShare: 0 });
      await datasets.append(dataset, 'csv', chunked(csv));
    },
    async stop() {
      delivering.abort();
      await delivered;
      server.child.kill();
      await Promise.all([server.finished, trainer.stop()]);
      place.remove();
    },
  };
}
