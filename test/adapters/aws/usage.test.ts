import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DynamoAccessStore } from '../../../src/adapters/aws/access.js';
import { DynamoTable } from '../../../src/adapters/aws/dynamo.js';
import { DynamoUsageStore } from '../../../src/adapters/aws/usage.js';
import { ACME, keptKey } from '../../support/access.js';
import { newAccessTable } from '../../support/access-table.js';
import {
  type Asked,
  cancelled,
  type DynamoServer,
  refused,
  startDynamoServer,
} from '../../support/dynamo-server.js';
import { describeAws, emulator } from '../../support/emulator.js';
import { startLossyNetwork } from '../../support/lossy-network.js';

const AT = Date.parse('2026-01-31T12:00:00Z');
const RECORD = { client: 'acme', model: 'diamonds', at: AT, requests: 1, predictions: 10 };
const OK = { status: 200, body: {} };

describe('a store of usage that DynamoDB sends home', () => {
  let server: DynamoServer;
  let store: DynamoUsageStore;
  beforeEach(async () => {
    server = await startDynamoServer();
    store = new DynamoUsageStore(new DynamoTable('access', server.config));
  });
  afterEach(() => server.stop());

  const transactions = () =>
    server.asked.filter(({ operation }) => operation === 'TransactWriteItems');
  const writes = ({ body }: Asked) => body.TransactItems!;
  const placeOf = (asked: Asked) => writes(asked).at(-1)!.Update!.Key!.sk!.S!;
  const added = (asked: Asked) =>
    writes(asked).at(-1)!.Update!.ExpressionAttributeValues![':predictions']!.N;

  it('adds elsewhere when it meets others, and stays there', async () => {
    server.answers.push(
      OK,
      cancelled('TransactionConflict'),
      cancelled('ThrottlingError'),
      cancelled('TransactionConflict'),
      OK,
    );
    await store.record([RECORD]);
    await store.record([RECORD]);
    const places = transactions().map(placeOf);
    expect(places).toHaveLength(5);
    expect(places[0]).toBe('2026-01-31#00#diamonds');
    for (const place of places) expect(place).toMatch(/^2026-01-31#(0\d|1[0-5])#diamonds$/);
    expect(places[4]).toBe(places[3]);
    expect(new Set(transactions().map(({ body }) => body.ClientRequestToken)).size).toBe(5);
  });

  it('leaves out what was counted before, and nothing else', async () => {
    server.answers.push(OK, cancelled('None', 'ConditionalCheckFailed', 'None', 'None'), OK);
    const ids = ['a', 'b', 'c'].map((id, i) => ({ ...RECORD, id, predictions: 10 ** i }));
    await store.record([...ids, { ...RECORD, predictions: 1000 }]);
    expect(transactions().map(added)).toEqual(['1111', '1101']);
    expect(transactions().map((asked) => writes(asked).length)).toEqual([4, 3]);
  });

  it('writes nothing more when all was counted before', async () => {
    server.answers.push(OK, cancelled('ConditionalCheckFailed', 'None'));
    await store.record([{ ...RECORD, id: 'a' }]);
    expect(transactions()).toHaveLength(1);
  });

  it('has what is told while it writes in one more transaction', async () => {
    await Promise.all(Array.from({ length: 30 }, () => store.record([RECORD])));
    expect(transactions().map(added)).toEqual(['10', '290']);
    expect(transactions().map((asked) => writes(asked).length)).toEqual([1, 1]);
  });

  it('fails those that it could not keep, and no others', async () => {
    server.answers.push(OK, refused('InternalServerError', {}, 500), OK);
    const [first, second] = await Promise.allSettled([
      store.record([RECORD]),
      store.record([RECORD]),
    ]);
    expect(first).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'storage_unavailable',
        message: 'the table "access" cannot be used: InternalServerError',
      },
    });
    expect(second).toMatchObject({ status: 'fulfilled' });
    server.answers.push(cancelled('ValidationError'));
    await expect(store.record([RECORD])).rejects.toThrow(/could not be written: ValidationError/);
    await store.record([RECORD]);
  });

  it('gives up when it meets others each time', async () => {
    server.answers.push(OK, ...Array.from({ length: 11 }, () => cancelled('TransactionConflict')));
    await expect(store.record([RECORD])).rejects.toThrow(/TransactionConflict/);
    expect(transactions()).toHaveLength(11);
  }, 60_000);
});

it.each([
  ['ResourceNotFoundException', /table not found: check ACCESS_TABLE/],
  ['AccessDeniedException', /access denied: docs\/access\.md/],
])('what DynamoDB refuses with %s is told in our words', async (name, told) => {
  const server = await startDynamoServer();
  const store = new DynamoAccessStore(new DynamoTable('access', server.config));
  const asks = [
    () => store.readClient('acme'),
    () => store.createClient(ACME),
    () => store.changeClient('acme', { name: 'Other' }),
    () => store.listClients({ limit: 1 }),
    () => store.noteKeyUse('key', 'time'),
  ];
  for (const ask of asks) {
    server.answers.push(refused(name, { message: 'arn:aws:iam::123456789012:role/x' }));
    const failure = await ask().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'storage_unavailable', cause: { name } });
    expect((failure as Error).message).toMatch(told);
    expect((failure as Error).message).not.toContain('123456789012');
  }
  await server.stop();
});

describeAws('behind a network that loses answers', () => {
  const ATTEMPTS = 3;
  let network: Awaited<ReturnType<typeof startLossyNetwork>>;
  let table: DynamoTable;
  beforeEach(async () => {
    const aws = await emulator();
    network = await startLossyNetwork(aws.endpoint);
    const config = { ...aws, endpoint: network.endpoint, maxAttempts: ATTEMPTS };
    table = new DynamoTable(await newAccessTable(), config);
  });
  afterEach(async () => {
    table.close();
    await network.stop();
  });

  it('usage is counted once, with an id and without', async () => {
    const store = new DynamoUsageStore(table);
    network.lose('TransactWriteItems', ATTEMPTS - 1);
    await store.record([RECORD, { ...RECORD, id: 'a' }]);
    expect(network.lost).toHaveLength(ATTEMPTS - 1);
    expect(await store.read('2026-01')).toMatchObject([{ requests: 2, predictions: 20 }]);
  }, 60_000);

  it('usage with an id is counted once also when it was said to have failed', async () => {
    const store = new DynamoUsageStore(table);
    network.lose('TransactWriteItems', ATTEMPTS);
    await expect(store.record([{ ...RECORD, id: 'a' }])).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    await store.record([{ ...RECORD, id: 'a' }]);
    expect(await store.read('2026-01')).toMatchObject([{ requests: 1 }]);
  }, 60_000);

  it('what is created knows that it was, and is created once', async () => {
    const store = new DynamoAccessStore(table);
    network.lose('TransactWriteItems', 1);
    expect(await store.createClient(ACME)).toBe(true);
    network.lose('TransactWriteItems', 1);
    expect(await store.createKey(keptKey(1))).toBe(true);
    network.lose('TransactWriteItems', 1);
    expect(await store.succeedKey(keptKey(1).id, '2026-02-01T00:00:00.000Z', keptKey(2))).toBe(
      true,
    );
    network.lose('UpdateItem', 1);
    expect(await store.revokeKey(keptKey(2).id, '2026-01-31T00:00:00.000Z')).toMatchObject({
      revokedAt: '2026-01-31T00:00:00.000Z',
    });
    expect(network.lost).toHaveLength(4);
    expect((await store.listKeys({}, { limit: 10 })).items).toHaveLength(2);
  }, 60_000);
});
