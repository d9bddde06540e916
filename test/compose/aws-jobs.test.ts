import { expect, it } from '@jest/globals';
import { SageMakerPlacement } from '../../src/adapters/aws/sagemaker.js';
import { environmentOf, openAwsJobs, openPlacement } from '../../src/compose/aws-jobs.js';
import { readConfig } from '../../src/compose/config.js';
import { describeAws, emulator } from '../support/emulator.js';
import { JOBS_TABLE } from '../support/jobs-table.js';
import { queuedJob } from '../support/queued-job.js';

const SAGEMAKER = {
  TRAINING_SAGEMAKER_BYTES: '1000',
  SAGEMAKER_IMAGE: 'image',
  SAGEMAKER_ROLE_ARN: 'role',
  SAGEMAKER_OUTPUT_URI: 's3://lapidary/out',
};

it('gives a worker elsewhere what it needs, and reads the same from it', () => {
  const config = readConfig({
    ...SAGEMAKER,
    JOBS_TABLE: 'jobs',
    JOBS_QUEUE_URL: 'http://queue',
    ACCESS_TABLE: 'access',
  });
  const environment = environmentOf(config);
  expect(environment).toMatchObject({
    JOBS_TABLE: 'jobs',
    JOBS_QUEUE_URL: 'http://queue',
    ACCESS_TABLE: 'access',
  });
  for (const name of ['HOST', 'MODEL_DIR', 'SAGEMAKER_IMAGE', 'TRAINING_SAGEMAKER_BYTES'])
    expect(environment).not.toHaveProperty(name);
  expect(readConfig(environment)).toMatchObject({ JOBS_TABLE: 'jobs', MAX_INSTANCES: 10_000 });
});

it('places jobs elsewhere only where that is wanted', async () => {
  const bytesOf = async () => 1000;
  expect(await openPlacement(readConfig({}), bytesOf)).toBeUndefined();
  const placement = await openPlacement(readConfig(SAGEMAKER), bytesOf);
  expect(placement).toBeInstanceOf(SageMakerPlacement);
  expect(await placement!.place(queuedJob())).toBe('here');
});

describeAws('jobs on AWS', () => {
  it('are not announced without a queue', async () => {
    const aws = await emulator();
    const before = { ...process.env };
    Object.assign(process.env, aws.env);
    try {
      const table = await aws.newTable(JOBS_TABLE);
      const { store, notifier } = await openAwsJobs({ JOBS_TABLE: table, JOBS_QUEUE_URL: '' });
      const job = await store.createOnce(queuedJob());
      expect(notifier).toBeUndefined();
      expect(await store.listOpen()).toEqual([job]);
    } finally {
      process.env = before;
    }
  });
});
