import { setTimeout } from 'node:timers/promises';
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import type { Emulator, Queue } from '../../support/emulator.js';
import type { StartedFunction } from './function.js';

/** Between two looks at a queue that is empty. */
const IDLE_MS = 100;

/**
 * What Lambda's event source mapping does, with ReportBatchItemFailures: gives a function the messages of a
 * queue, and deletes those that the function did not report; all stay when the invocation fails.
 */
export class EventSource {
  private readonly client: SQSClient;

  constructor(
    private readonly queue: Queue,
    private readonly lambda: StartedFunction,
    aws: Emulator,
  ) {
    this.client = new SQSClient(aws);
  }

  /** @returns the ids of the messages that failed; undefined when there was no message */
  async deliver(): Promise<string[] | undefined> {
    const { Messages = [] } = await this.client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.queue.url,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return undefined;
    const Records = Messages.map((message) => this.recordOf(message));
    const { payload, functionError } = await this.lambda.invoke({ Records });
    if (functionError) throw new Error(`${payload}\n${this.lambda.output()}`);
    const { batchItemFailures } = JSON.parse(payload) as SQSBatchResponse;
    const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    for (const { MessageId, ReceiptHandle } of Messages) {
      if (failed.includes(MessageId!)) continue;
      const done = { QueueUrl: this.queue.url, ReceiptHandle };
      await this.client.send(new DeleteMessageCommand(done));
    }
    return failed;
  }

  /** Delivers what comes, one batch after another. */
  async deliverUntil(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) if (!(await this.deliver())) await setTimeout(IDLE_MS);
  }

  private recordOf({ MessageId, ReceiptHandle, Body, MD5OfBody, Attributes }: Message) {
    return {
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: Attributes,
      messageAttributes: {},
      md5OfBody: MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: this.queue.arn,
      awsRegion: 'eu-central-1',
    };
  }
}
