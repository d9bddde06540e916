import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SageMakerPlacement } from '../../../src/adapters/aws/sagemaker.js';
import { queuedJob } from '../../support/queued-job.js';

/*
 * The emulator has no SageMaker. This server knows as much of it as is asked here, by the API's
 * documentation: the operation in X-Amz-Target, JSON 1.1, the pattern of names, ResourceInUse for a name
 * that was used. It shows what we send and how we read the answers, not what SageMaker makes of it.
 */
interface TrainingJob {
  TrainingJobName: string;
  TrainingJobStatus: string;
  FailureReason?: string;
  [field: string]: unknown;
}

const NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;
const REQUIRED = [
  'TrainingJobName',
  'RoleArn',
  'AlgorithmSpecification',
  'OutputDataConfig',
  'ResourceConfig',
  'StoppingCondition',
];

let server: Server;
let started: Map<string, TrainingJob>;
let refuse: string | undefined;

beforeEach(async () => {
  started = new Map();
  refuse = undefined;
  server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const answer = (status: number, body: object) =>
      response
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify(body));
    const body = JSON.parse(text) as TrainingJob;
    const { authorization = '', 'x-amz-target': target, 'content-type': type } = request.headers;
    const known = started.get(body.TrainingJobName);
    if (!/^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/eu-central-1\/sagemaker\//.test(authorization))
      return answer(403, { __type: 'AccessDenied' });
    if (request.method !== 'POST' || type !== 'application/x-amz-json-1.1')
      return answer(400, { __type: 'SerializationException' });
    if (refuse) return answer(400, { __type: refuse, message: 'refused' });
    if (target === 'SageMaker.DescribeTrainingJob')
      return known ? answer(200, known) : answer(400, { __type: 'ResourceNotFound' });
    if (target !== 'SageMaker.CreateTrainingJob')
      return answer(400, { __type: 'UnknownOperation' });
    if (!NAME.test(body.TrainingJobName) || REQUIRED.some((field) => !(field in body)))
      return answer(400, { __type: 'ValidationException' });
    if (known) return answer(400, { __type: 'ResourceInUse', message: 'the name is used' });
    started.set(body.TrainingJobName, { ...body, TrainingJobStatus: 'InProgress' });
    return answer(200, { TrainingJobArn: `arn:aws:sagemaker:::${body.TrainingJobName}` });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const OPTIONS = {
  aboveBytes: 1000,
  image: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/lapidary:1',
  roleArn: 'arn:aws:iam::123456789012:role/lapidary-training',
  instanceType: 'ml.m5.xlarge',
  volumeGb: 30,
  maxRuntimeS: 7200,
  outputUri: 's3://lapidary/sagemaker/',
  environment: { JOBS_TABLE: 'lapidary-jobs' },
};

const newPlacement = (bytes: number | undefined) =>
  new SageMakerPlacement(OPTIONS, async () => bytes, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });

describe('the placement on SageMaker', () => {
  it.each([undefined, 0, 1000])('leaves a job of %s bytes here', async (bytes) => {
    expect(await newPlacement(bytes).place(queuedJob())).toBe('here');
    expect(started.size).toBe(0);
  });

  it('starts a training job that is a worker for one job', async () => {
    const job = queuedJob();
    expect(await newPlacement(1001).place(job)).toBe('elsewhere');
    expect([...started.values()]).toEqual([
      {
        TrainingJobName: `lapidary-${job.id}-0`,
        TrainingJobStatus: 'InProgress',
        RoleArn: OPTIONS.roleArn,
        AlgorithmSpecification: {
          TrainingImage: OPTIONS.image,
          TrainingInputMode: 'File',
          ContainerEntrypoint: ['node', '/app/dist/main.js'],
          ContainerArguments: ['worker', '--job', job.id],
        },
        Environment: { AWS_REGION: 'eu-central-1', JOBS_TABLE: 'lapidary-jobs' },
        OutputDataConfig: { S3OutputPath: 's3://lapidary/sagemaker/' },
        ResourceConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1, VolumeSizeInGB: 30 },
        StoppingCondition: { MaxRuntimeInSeconds: 7200 },
        Tags: [
          { Key: 'lapidary:job', Value: job.id },
          { Key: 'lapidary:model', Value: 'nuts' },
        ],
      },
    ]);
  });

  it('starts it once for each attempt', async () => {
    const job = queuedJob();
    const placement = newPlacement(1001);
    await Promise.all([placement.place(job), placement.place(job), newPlacement(1001).place(job)]);
    expect(started.size).toBe(1);
    expect(await placement.place({ ...job, attempts: 1 })).toBe('elsewhere');
    expect(started.size).toBe(2);
  });

  it.each(['Failed', 'Stopped', 'Completed'])('tells of one that is %s', async (status) => {
    const job = queuedJob();
    const placement = newPlacement(1001);
    await placement.place(job);
    const [only] = started.values();
    Object.assign(only!, { TrainingJobStatus: status, FailureReason: 'CapacityError: none left' });
    await expect(placement.place(job)).rejects.toMatchObject({
      code: 'job_abandoned',
      message: expect.stringContaining('CapacityError: none left'),
    });
  });

  it('tells a refusal that stays from one that may be over soon', async () => {
    refuse = 'AccessDeniedException';
    await expect(newPlacement(1001).place(queuedJob())).rejects.toMatchObject({
      code: 'not_ready',
      message: 'SageMaker refuses the training job: refused',
    });
    refuse = 'ResourceLimitExceeded';
    await expect(newPlacement(1001).place(queuedJob())).rejects.toMatchObject({
      name: 'ResourceLimitExceeded',
    });
  });
});
