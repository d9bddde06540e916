import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DynamoTable } from '../../src/adapters/aws/dynamo.js';
import { DynamoJobStore } from '../../src/adapters/aws/jobs.js';
import { StoredModelDefinitions } from '../../src/adapters/stores/model-definitions.js';
import { StoredRegistry } from '../../src/adapters/stores/registry.js';
import { DatasetService } from '../../src/datasets/service.js';
import { jobOf } from '../../src/jobs/index.js';
import type { Job } from '../../src/jobs/port.js';
import { JobService } from '../../src/jobs/service.js';
import type { TrainableSpec } from '../../src/ml/spec.js';
import { TRAINING } from '../../src/training/order.js';
import { newBucket } from '../support/bucket.js';
import { chunked } from '../support/datasets.js';
import { describeAws, emulator } from '../support/emulator.js';
import { JOBS_TABLE } from '../support/jobs-table.js';
import { runMain } from '../support/process.js';
import { sized } from '../support/size.js';
import { openDatasets } from '../support/stores.js';
import { BOXES, BOXES_SPEC, boxesCsv } from '../support/training.js';

/** The worker for jobs on this machine is tested at any size. */
const atFullSize = sized(it.skip, it);
/** More than a test waits for. */
const ENDLESS: TrainableSpec = {
  ...BOXES_SPEC,
  name: 'endless',
  hyperparameters: {
    ...BOXES_SPEC.hyperparameters,
    epochs: 10_000,
    patience: 10_000,
    batchSize: 1,
  },
};

describeAws('a worker for one job, as SageMaker starts it', () => {
  let env: Record<string, string>;
  let jobs: JobService;
  let registry: StoredRegistry;
  beforeAll(async () => {
    const [aws, bucket] = await Promise.all([emulator(), newBucket()]);
    const table = await aws.newTable(JOBS_TABLE);
    env = {
      ...bucket.env,
      JOBS_TABLE: table,
      JOB_POLL_S: '1',
      MODEL_DIR: '/none',
      DATA_DIR: '/none',
    };
    const store = new DynamoJobStore(new DynamoTable(table, aws));
    jobs = new JobService(store, { async notify() {} });
    const objects = bucket.newPlace('').open();
    registry = new StoredRegistry(objects);
    const limits = { bytes: 1 << 24, badShare: 0.1 };
    const datasets = new DatasetService(openDatasets(objects).store, limits);
    await datasets.define('boxes', BOXES);
    await datasets.append('boxes', 'csv', chunked(boxesCsv(300)));
    const definitions = new StoredModelDefinitions(objects, (dataset) =>
      datasets.openDataset({ dataset }),
    );
    for (const spec of [BOXES_SPEC, ENDLESS])
      await definitions.define(spec, 'boxes', { follow: true });
  }, 60_000);

  const started: ReturnType<typeof runMain>[] = [];
  afterAll(() => {
    for (const { child } of started) child.kill('SIGKILL');
  });
  const start = (id: string) => {
    const run = runMain(['worker', '--job', id], env);
    started.push(run);
    return run;
  };
  const submit = (model: string) => jobs.submit(jobOf(TRAINING, model, { reason: 'manual' }));
  const until = async (id: string, isSo: (job: Job) => boolean): Promise<Job> => {
    for (;;) {
      const job = await jobs.get(id);
      if (isSo(job)) return job;
      if (job.state === 'failed') throw new Error(JSON.stringify(job.error));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  it('trains and publishes, leaves other jobs alone, and does nothing twice', async () => {
    const other = await submit('endless');
    const { id } = await submit('boxes');
    expect(await start(id).finished).toMatchObject({ code: 0 });
    const job = await jobs.get(id);
    expect(job).toMatchObject({ state: 'succeeded', attempts: 1, result: { outcome: 'promoted' } });
    const { version } = job.result as { version: string };
    expect(await registry.readAlias('boxes', 'champion')).toEqual({ version });
    expect((await jobs.log(id, { limit: 100 })).items).not.toEqual([]);
    expect(await jobs.get(other.id)).toEqual(other);

    expect((await start(id).finished).code).toBe(0);
    expect(await jobs.get(id)).toEqual(job);
    await jobs.cancel(other.id);
    expect((await start(other.id).finished).code).toBe(0);
  }, 120_000);

  atFullSize(
    'exits with 1 when the job fails, and when there is none',
    async () => {
      const { id } = await submit('none');
      expect((await start(id).finished).code).toBe(1);
      expect(await jobs.get(id)).toMatchObject({
        state: 'failed',
        error: { code: 'model_not_found' },
      });
      const { code, stdout } = await start('00000000-0000-7000-8000-000000000000').finished;
      expect([code, stdout]).toEqual([1, expect.stringContaining('job_not_found')]);
    },
    120_000,
  );

  atFullSize(
    'gives the job back on SIGTERM, and stops it when it is cancelled',
    async () => {
      const { id } = await submit('endless');
      const stopped = start(id);
      await until(id, ({ progress }) => (progress?.fraction ?? 0) > 0);
      stopped.child.kill('SIGTERM');
      expect((await stopped.finished).code).toBe(0);
      expect(await jobs.get(id)).toMatchObject({ state: 'queued', attempts: 0 });

      const again = start(id);
      await until(id, ({ state }) => state === 'running');
      await jobs.cancel(id);
      expect((await again.finished).code).toBe(0);
      expect(await jobs.get(id)).toMatchObject({ state: 'cancelled', attempts: 1 });
    },
    120_000,
  );
});
