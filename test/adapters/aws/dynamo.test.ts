import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DynamoTable, type Key } from '../../../src/adapters/aws/dynamo.js';

/*
 * What DynamoDB says now and then, and the emulator never does: transactions that meet, and parts of a
 * batch that were not done. This server answers with what is put into `answers`, one after another.
 */
let server: Server;
let answers: { status: number; body: object }[];
let asked: { operation: string; body: Record<string, never> }[];
let table: DynamoTable;

beforeEach(async () => {
  answers = [];
  asked = [];
  server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const operation = String(request.headers['x-amz-target']).split('.')[1]!;
    asked.push({ operation, body: JSON.parse(text) });
    const { status, body } = answers.shift() ?? { status: 200, body: {} };
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  table = new DynamoTable('jobs', {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const key = (name: string): Key => ({ pk: { S: name }, sk: { S: name } });
const cancelled = (...codes: string[]) => ({
  status: 400,
  body: {
    __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
    CancellationReasons: codes.map((Code) => ({ Code })),
  },
});
const put = (name: string) => () => [{ Put: { TableName: 'jobs', Item: key(name) } }];

describe('a transaction', () => {
  it('that meets another is tried again', async () => {
    answers = [cancelled('None', 'TransactionConflict'), cancelled('TransactionConflict')];
    expect(await table.transact(put('a'))).toBe(true);
    expect(asked).toHaveLength(3);
  });

  it('whose condition does not hold is not', async () => {
    answers = [cancelled('TransactionConflict', 'ConditionalCheckFailed')];
    expect(await table.transact(put('a'))).toBe(false);
    expect(asked).toHaveLength(1);
  });

  it('that fails for another reason fails', async () => {
    answers = [cancelled('ValidationError')];
    await expect(table.transact(put('a'))).rejects.toMatchObject({
      name: 'TransactionCanceledException',
    });
  });
});

it('asks again for what a batch left out', async () => {
  answers = [
    {
      status: 200,
      body: { Responses: { jobs: [key('b')] }, UnprocessedKeys: { jobs: { Keys: [key('a')] } } },
    },
    { status: 200, body: { Responses: { jobs: [key('a')] } } },
  ];
  expect(await table.getAll([key('a'), key('b'), key('c')])).toEqual([key('a'), key('b')]);
  expect(asked[1]!.body).toMatchObject({ RequestItems: { jobs: { Keys: [key('a')] } } });
});

it('writes again what a batch left out', async () => {
  const left = [{ PutRequest: { Item: key('b') } }];
  answers = [{ status: 200, body: { UnprocessedItems: { jobs: left } } }];
  await table.putAll([key('a'), key('b')]);
  expect(asked[1]!.body).toEqual({ RequestItems: { jobs: left } });
});

it('follows a query from page to page, and no further than it has to', async () => {
  const page = (name: string, more: boolean) => ({
    status: 200,
    body: { Items: [key(name)], ...(more && { LastEvaluatedKey: key(name) }) },
  });
  answers = [page('a', true), page('b', false)];
  expect(await table.query({ KeyConditionExpression: 'x' })).toEqual([key('a'), key('b')]);
  expect(asked[1]!.body).toMatchObject({ ExclusiveStartKey: key('a') });
  answers = [page('a', true), page('b', true)];
  expect(await table.query({ KeyConditionExpression: 'x' }, 1)).toEqual([key('a')]);
  expect(asked).toHaveLength(3);
});
