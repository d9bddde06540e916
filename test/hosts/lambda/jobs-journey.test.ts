import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DynamoTable } from '../../../src/adapters/aws/dynamo.js';
import { SqsJobNotifier } from '../../../src/adapters/aws/job-notifier.js';
import { DynamoJobStore } from '../../../src/adapters/aws/jobs.js';
import { Directory } from '../../../src/adapters/objects/directory.js';
import { StoredModelDefinitions } from '../../../src/adapters/stores/model-definitions.js';
import { DatasetService } from '../../../src/datasets/service.js';
import { JobService } from '../../../src/jobs/service.js';
import { chunked } from '../../support/datasets.js';
import { describeAws, type Emulator, emulator, type Queue } from '../../support/emulator.js';
import { JOBS_TABLE } from '../../support/jobs-table.js';
import { modelsIn, openDatasets, registryIn } from '../../support/stores.js';
import { BOXES, BOXES_SPEC, boxesCsv } from '../../support/training.js';
import { EventSource } from './event-source.js';
import { scheduledEvent } from './events.js';
import { type StartedFunction, startFunction } from './function.js';
import { describeLambda, MAIN } from './toolbox.js';

const KEY = 'datasets/boxes/0190a1b2/log/1';

describeLambda('the trainer, under the real runtime client', () => {
  describeAws('with queue, table and bucket', () => {
    let aws: Emulator;
    let directory: string;
    let lambda: StartedFunction;
    let source: EventSource;
    let queue: Queue;
    let dead: Queue;
    let bucket: string;
    let store: DynamoJobStore;
    let jobs: JobService;
    let datasets: DatasetService;
    let sqs: SQSClient;

    beforeAll(async () => {
      aws = await emulator();
      sqs = new SQSClient(aws);
      directory = await mkdtemp(join(tmpdir(), 'lapidary-trainer-'));
      dead = await aws.newQueue();
      const redrive = { deadLetterTargetArn: dead.arn, maxReceiveCount: '2' };
      queue = await aws.newQueue({
        VisibilityTimeout: '0',
        RedrivePolicy: JSON.stringify(redrive),
      });
      bucket = await aws.newBucket();
      await notifyOfObjects(aws, bucket, queue);
      const table = await aws.newTable(JOBS_TABLE);
      store = new DynamoJobStore(new DynamoTable(table, aws));
      jobs = new JobService(store, new SqsJobNotifier(queue.url, aws));
      const models = join(directory, 'models');
      datasets = new DatasetService(openDatasets(new Directory(join(directory, 'data'))).store, {
        bytes: 1 << 24,
        badShare: 0.1,
      });
      const definitions = new StoredModelDefinitions(modelsIn(models), (dataset) =>
        datasets.openDataset({ dataset }),
      );
      await datasets.define('boxes', BOXES);
      await definitions.define(BOXES_SPEC, 'boxes', { follow: true });
      lambda = await startFunction({
        command: [process.execPath, MAIN, 'lambda', 'trainer'],
        timeoutMs: 120_000,
        env: {
          ...aws.env,
          JOBS_TABLE: table,
          JOBS_QUEUE_URL: queue.url,
          MODEL_DIR: models,
          DATA_DIR: join(directory, 'data'),
        },
      });
      source = new EventSource(queue, lambda, aws);
    }, 60_000);
    afterAll(async () => {
      await lambda?.stop();
      await rm(directory, { recursive: true, force: true });
    });

    const champion = () => registryIn(join(directory, 'models')).readAlias('boxes', 'champion');
    const send = (MessageBody: string) =>
      sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody }));
    /** Delivers until the queue is empty. */
    const drain = async () => {
      for (let tries = 0; tries < 20; tries++) if (!(await source.deliver())) return;
      throw new Error('the queue does not become empty');
    };
    const batchArrives = async (csv: string) => {
      await datasets.append('boxes', 'csv', chunked(csv));
      const s3 = new S3Client({ ...aws, forcePathStyle: true });
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: KEY, Body: '{}' }));
    };

    test('trains and publishes when S3 tells of a batch', async () => {
      await batchArrives(boxesCsv(300));
      await drain();
      const { items } = await jobs.list({}, { limit: 10 });
      expect(items).toMatchObject([
        { model: 'boxes', state: 'succeeded', attempts: 1, result: { outcome: 'promoted' } },
      ]);
      expect(await champion()).toEqual({
        version: (items[0]!.result as { version: string }).version,
      });
      expect((await jobs.log(items[0]!.id, { limit: 100 })).items).not.toEqual([]);
    }, 120_000);

    test('trains a job that it is told of, and no data twice', async () => {
      const job = await jobs.submit({
        kind: 'training',
        model: 'boxes',
        order: { reason: 'manual' },
      });
      await drain();
      expect(await jobs.get(job.id)).toMatchObject({
        state: 'succeeded',
        result: { outcome: 'unchanged' },
      });
    }, 120_000);

    test('leaves poison to the dead-letter queue, and does what came with it', async () => {
      await send('{"job":');
      const job = await jobs.submit({
        kind: 'training',
        model: 'boxes',
        order: { reason: 'manual' },
      });
      await drain();
      expect((await jobs.get(job.id)).state).toBe('succeeded');
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: dead.url }));
      expect(Messages).toMatchObject([{ Body: '{"job":' }]);
    }, 120_000);

    test('finds what no message told of, when a schedule asks it to', async () => {
      await datasets.append('boxes', 'csv', chunked(boxesCsv(200, 2)));
      const { payload, functionError } = await lambda.invoke(scheduledEvent());
      expect([payload, functionError]).toEqual(['{"batchItemFailures":[]}', undefined]);
      const { items } = await jobs.list({}, { limit: 1 });
      expect(items).toMatchObject([{ order: { reason: 'arrival' }, state: 'succeeded' }]);
      expect(await store.listOpen()).toEqual([]);
    }, 120_000);

    test('logs one line of a training that fails, which the alarm counts, and is no failure itself', async () => {
      const order = { reason: 'manual' };
      const job = await jobs.submit({ kind: 'training', model: 'none', order });
      await drain();
      expect((await jobs.get(job.id)).state).toBe('failed');
      const failures = () =>
        lambda
          .output()
          .split('\n')
          .filter((line) => line.includes('"a job failed"'));
      // The line is written before the invocation ends, but read from a pipe.
      for (let wait = 0; failures().length === 0 && wait < 100; wait++)
        await new Promise((resolve) => setTimeout(resolve, 20));
      const lines = failures();
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({
          job: job.id,
          kind: 'training',
          model: 'none',
          error: expect.objectContaining({ code: 'model_not_found' }),
        }),
      ]);
    }, 120_000);

    test('fails the invocation of any other event', async () => {
      const { payload, functionError } = await lambda.invoke({ model: 'boxes', instances: [] });
      expect(functionError).toBe('Unhandled');
      expect(JSON.parse(payload).errorMessage).toContain('expected messages of SQS');
    });
  });
});

async function notifyOfObjects(aws: Emulator, bucket: string, queue: Queue): Promise<void> {
  const s3 = new S3Client({ ...aws, forcePathStyle: true });
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      NotificationConfiguration: {
        QueueConfigurations: [{ QueueArn: queue.arn, Events: ['s3:ObjectCreated:*'] }],
      },
    }),
  );
}
