import { SendMessageCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import type { Job, JobNotifier } from '../../jobs/port.js';

/** Notifies the trainer function of jobs over an SQS queue: a message is `{"job": ID}`. */
export class SqsJobNotifier implements JobNotifier {
  private readonly client: SQSClient;

  /** @param config of the client; the environment by default */
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
