import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DynamoTable, type Key } from '../../../src/adapters/aws/dynamo.js';
import { cancelled, type DynamoServer, startDynamoServer } from '../../support/dynamo-server.js';

let server: DynamoServer;
let table: DynamoTable;

beforeEach(async () => {
  server = await startDynamoServer();
  table = new DynamoTable('jobs', server.config);
});
afterEach(() => server.stop());

const key = (name: string): Key => ({ pk: { S: name }, sk: { S: name } });
const put = (name: string) => () => [{ Put: { TableName: 'jobs', Item: key(name) } }];

describe('a transaction', () => {
  it('that meets another is tried again', async () => {
    server.answers.push(cancelled('None', 'TransactionConflict'), cancelled('TransactionConflict'));
    expect(await table.transact(put('a'))).toBe(true);
    expect(server.asked).toHaveLength(3);
  });

  it('whose condition does not hold is not', async () => {
    server.answers.push(cancelled('TransactionConflict', 'ConditionalCheckFailed'));
    expect(await table.transact(put('a'))).toBe(false);
    expect(server.asked).toHaveLength(1);
  });

  it('that fails for another reason fails', async () => {
    server.answers.push(cancelled('ValidationError'));
    await expect(table.transact(put('a'))).rejects.toMatchObject({
      name: 'TransactionCanceledException',
    });
  });
});

it('asks again for what a batch left out', async () => {
  server.answers.push(
    {
      status: 200,
      body: { Responses: { jobs: [key('b')] }, UnprocessedKeys: { jobs: { Keys: [key('a')] } } },
    },
    { status: 200, body: { Responses: { jobs: [key('a')] } } },
  );
  expect(await table.getAll([key('a'), key('b'), key('c')])).toEqual([key('a'), key('b')]);
  expect(server.asked[1]!.body).toMatchObject({ RequestItems: { jobs: { Keys: [key('a')] } } });
});

it('writes again what a batch left out', async () => {
  const left = [{ PutRequest: { Item: key('b') } }];
  server.answers.push({ status: 200, body: { UnprocessedItems: { jobs: left } } });
  await table.putAll([key('a'), key('b')]);
  expect(server.asked[1]!.body).toEqual({ RequestItems: { jobs: left } });
});

it('follows a query from page to page, and no further than it has to', async () => {
  const page = (name: string, more: boolean) => ({
    status: 200,
    body: { Items: [key(name)], ...(more && { LastEvaluatedKey: key(name) }) },
  });
  server.answers.push(page('a', true), page('b', false));
  expect(await table.query('a')).toEqual([key('a'), key('b')]);
  expect(server.asked[1]!.body).toMatchObject({ ExclusiveStartKey: key('a') });
  server.answers.push(page('a', true), page('b', true));
  expect(await table.query('a', {}, 1)).toEqual([key('a')]);
  expect(server.asked).toHaveLength(3);
});
