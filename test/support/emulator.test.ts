import {
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from '@jest/globals';
import { describeAws, emulator } from './emulator.js';

/** The guarantees that the suites rely on; without them they would prove nothing. */
describeAws('the emulator', () => {
  it('lets one of many concurrent writers create an object', async () => {
    const aws = await emulator();
    const s3 = new S3Client({ ...aws, forcePathStyle: true });
    const Bucket = await aws.newBucket();
    const put = (text: string) =>
      s3
        .send(new PutObjectCommand({ Bucket, Key: 'one', Body: text, IfNoneMatch: '*' }))
        .then(() => 200)
        .catch((error) => error.$metadata.httpStatusCode as number);
    const answers = await Promise.all(Array.from({ length: 16 }, (_, i) => put(`${i}`)));
    expect(answers.sort()).toEqual([200, ...Array(15).fill(412)]);
  });

  it('lets one of many concurrent writers create an item, and refuses a transaction as a whole', async () => {
    const aws = await emulator();
    const client = new DynamoDBClient(aws);
    const TableName = await aws.newTable({
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    });
    const put = (key: string) => ({
      TableName,
      Item: { pk: { S: key } },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    const answers = await Promise.allSettled(
      Array.from({ length: 16 }, () => client.send(new PutItemCommand(put('one')))),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const both = [{ Put: put('two') }, { Put: put('one') }];
    await expect(
      client.send(new TransactWriteItemsCommand({ TransactItems: both })),
    ).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    const found = await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :k',
        ExpressionAttributeValues: { ':k': { S: 'two' } },
      }),
    );
    expect(found.Count).toBe(0);
  });

  it('moves a message that is never acknowledged to the dead-letter queue', async () => {
    const aws = await emulator();
    const client = new SQSClient(aws);
    const dead = await aws.newQueue();
    const queue = await aws.newQueue({
      VisibilityTimeout: '0',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: '2' }),
    });
    const receive = async (QueueUrl: string) =>
      (await client.send(new ReceiveMessageCommand({ QueueUrl }))).Messages ?? [];
    await client.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'poison' }));
    for (let i = 0; i < 3; i++) await receive(queue.url);
    expect(await receive(dead.url)).toMatchObject([{ Body: 'poison' }]);
  });
});
