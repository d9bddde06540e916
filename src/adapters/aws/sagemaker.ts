import {
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
  type SageMakerClientConfig,
  type TrainingInstanceType,
} from '@aws-sdk/client-sagemaker';
import { LapidaryError } from '../../core/errors.js';
import type { Job } from '../../jobs/job.js';
import type { JobPlacement } from '../../jobs/port.js';

/** How jobs are done on SageMaker. */
export interface SageMakerOptions {
  /** Jobs of more bytes than this are done there. */
  aboveBytes: number;
  /** The image that this runs in too, in ECR. */
  image: string;
  roleArn: string;
  instanceType: string;
  volumeGb: number;
  maxRuntimeS: number;
  /** `s3://…`; SageMaker demands one. We leave nothing there. */
  outputUri: string;
  /** The settings that the worker there needs. */
  environment: Readonly<Record<string, string>>;
}

/** Asking again would not help. */
const REFUSALS = ['ValidationException', 'AccessDeniedException', 'ResourceNotFound'];
const OVER = ['Completed', 'Failed', 'Stopped'];

/** Has large jobs done by SageMaker: a training job there is one worker that does one job of ours. */
export class SageMakerPlacement implements JobPlacement {
  private readonly client: SageMakerClient;

  /**
   * @param bytesOf how much data a job reads; undefined where that is not known
   * @param config where and as whom; by default what the environment says
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
    // The name makes it one job however often it is asked for; an attempt that died leaves its name behind.
    const name = `lapidary-${job.id}-${job.attempts}`;
    if (!(await this.start(name, job))) await this.checkAlive(name);
    return 'elsewhere';
  }

  /** @returns false when it was started before */
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

  /** One that is over has not done its job, which is still open and in nobody's hands. */
  private async checkAlive(name: string): Promise<void> {
    const told = await this.client.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
    if (!OVER.includes(told.TrainingJobStatus ?? '')) return;
    const why = told.FailureReason ?? told.SecondaryStatus ?? told.TrainingJobStatus;
    throw new LapidaryError('job_abandoned', `SageMaker's training job ${name} is over: ${why}`);
  }
}
