import { SendMessageCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import type { Job, JobNotifier } from '../../jobs/port.js';

/** Tells the trainer Lambda of jobs, by an SQS queue: a message is `{"job": ID}`. */
export class SqsJobNotifier implements JobNotifier {
  private readonly client: SQSClient;

  /** @param config where and as whom; by default what the environment says */
  constructor(
    private readonly queueUrl: string,
    config: SQSClientConfig = {},
  ) {
    this.client = new SQSClient(config);
  }

  async notify({ id }: Job): Promise<void> {
    const message = { QueueUrl: this.queueUrl, MessageBody: JSON.stringify({ job: id }) };
    await this.client.send(new SendMessageCommand(message));
  }
}
