import type { Job, JobNotifier, JobPlacement, JobStore } from '../jobs/port.js';
import type { Config } from './config.js';

/** Settings of this place, which a worker elsewhere must not get. */
const OF_THE_PLACE = /^(HOST|PORT|MODEL_DIR|DATA_DIR|SAGEMAKER_.*|TRAINING_SAGEMAKER_BYTES)$/;

/** Opens the jobs in DynamoDB; where a queue is configured, SQS notifies the function that runs them. */
export async function openAwsJobs(
  config: Pick<Config, 'JOBS_TABLE' | 'JOBS_QUEUE_URL'>,
): Promise<{ store: JobStore; notifier?: JobNotifier }> {
  const { DynamoTable } = await import('../adapters/aws/dynamo.js');
  const { DynamoJobStore } = await import('../adapters/aws/jobs.js');
  const store = new DynamoJobStore(new DynamoTable(config.JOBS_TABLE));
  if (config.JOBS_QUEUE_URL === '') return { store };
  const { SqsJobNotifier } = await import('../adapters/aws/job-notifier.js');
  return { store, notifier: new SqsJobNotifier(config.JOBS_QUEUE_URL) };
}

/**
 * Opens the placement of large jobs on SageMaker; returns undefined if all jobs run in this process.
 * @param bytesOf returns the bytes that a job reads; undefined when unknown
 */
export async function openPlacement(
  config: Config,
  bytesOf: (job: Job) => Promise<number | undefined>,
): Promise<JobPlacement | undefined> {
  if (config.TRAINING_SAGEMAKER_BYTES === 0) return undefined;
  const { SageMakerPlacement } = await import('../adapters/aws/sagemaker.js');
  return new SageMakerPlacement(
    {
      aboveBytes: config.TRAINING_SAGEMAKER_BYTES,
      image: config.SAGEMAKER_IMAGE,
      roleArn: config.SAGEMAKER_ROLE_ARN,
      instanceType: config.SAGEMAKER_INSTANCE_TYPE,
      volumeGb: config.SAGEMAKER_VOLUME_GB,
      maxRuntimeS: config.SAGEMAKER_MAX_RUNTIME_S,
      outputUri: config.SAGEMAKER_OUTPUT_URI,
      environment: environmentOf(config),
    },
    bytesOf,
  );
}

/** Returns the settings that a worker elsewhere needs to use the same stores. */
export function environmentOf(config: Config): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([name, value]) => !OF_THE_PLACE.test(name) && value !== '')
      .map(([name, value]) => [name, String(value)]),
  );
}
