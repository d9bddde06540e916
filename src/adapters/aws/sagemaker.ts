import {
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
  type SageMakerClientConfig,
  type TrainingInstanceType,
} from '@aws-sdk/client-sagemaker';
import { LapidaryError } from '../../core/errors.js';
import type { Job, JobPlacement } from '../../jobs/port.js';

/** Settings of jobs on SageMaker. */
export interface SageMakerOptions {
  /** Jobs with more bytes run on SageMaker. */
  aboveBytes: number;
  /** This image in ECR. */
  image: string;
  roleArn: string;
  instanceType: string;
  volumeGb: number;
  maxRuntimeS: number;
  /** `s3://…`, required by SageMaker; nothing is written there. */
  outputUri: string;
  /** Environment variables of the worker. */
  environment: Readonly<Record<string, string>>;
}

/** Errors that a retry does not help. */
const REFUSALS = ['ValidationException', 'AccessDeniedException', 'ResourceNotFound'];
const OVER = ['Completed', 'Failed', 'Stopped'];

/** Runs large jobs on SageMaker: one training job of SageMaker is a worker for one job. */
export class SageMakerPlacement implements JobPlacement {
  private readonly client: SageMakerClient;

  /**
   * @param bytesOf returns the bytes that a job reads; undefined when unknown
   * @param config of the client; the environment by default
   */
  constructor(
    private readonly options: SageMakerOptions,
    private readonly bytesOf: (job: Job) => Promise<number | undefined>,
    config: SageMakerClientConfig = {},
  ) {
    this.client = new SageMakerClient(config);
  }

  async place(job: Job): Promise<'here' | 'elsewhere'> {
    if (((await this.bytesOf(job)) ?? 0) <= this.options.aboveBytes) return 'here';
    // The name makes repeated requests one job; each attempt has its own, as names are never freed.
    const name = `lapidary-${job.id}-${job.attempts}`;
    if (!(await this.start(name, job))) await this.checkAlive(name);
    return 'elsewhere';
  }

  /** Starts the training job. @returns false when it exists */
  private async start(name: string, job: Job): Promise<boolean> {
    const { options } = this;
    const command = new CreateTrainingJobCommand({
      TrainingJobName: name,
      RoleArn: options.roleArn,
      AlgorithmSpecification: {
        TrainingImage: options.image,
        TrainingInputMode: 'File',
        ContainerEntrypoint: ['node', '/app/dist/main.js'],
        ContainerArguments: ['worker', '--job', job.id],
      },
      Environment: { AWS_REGION: await this.client.config.region(), ...options.environment },
      OutputDataConfig: { S3OutputPath: options.outputUri },
      ResourceConfig: {
        InstanceType: options.instanceType as TrainingInstanceType,
        InstanceCount: 1,
        VolumeSizeInGB: options.volumeGb,
      },
      StoppingCondition: { MaxRuntimeInSeconds: options.maxRuntimeS },
      Tags: [
        { Key: 'lapidary:job', Value: job.id },
        { Key: 'lapidary:model', Value: job.model },
      ],
    });
    try {
      await this.client.send(command);
      return true;
    } catch (error) {
      const { name: kind, message } = error as Error;
      if (kind === 'ResourceInUse') return false;
      if (!REFUSALS.includes(kind)) throw error;
      throw new LapidaryError('not_ready', `SageMaker refuses the training job: ${message}`);
    }
  }

  /** Throws for a SageMaker job that ended without finishing its job. */
  private async checkAlive(name: string): Promise<void> {
    const described = await this.client.send(
      new DescribeTrainingJobCommand({ TrainingJobName: name }),
    );
    if (!OVER.includes(described.TrainingJobStatus ?? '')) return;
    const why = described.FailureReason ?? described.SecondaryStatus ?? described.TrainingJobStatus;
    throw new LapidaryError('job_abandoned', `SageMaker training job ${name} ended: ${why}`);
  }
}
