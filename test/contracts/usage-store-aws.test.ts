import { expect, it } from '@jest/globals';
import { REMEMBERED_DAYS } from '../../src/access/port.js';
import { DynamoTable } from '../../src/adapters/aws/dynamo.js';
import { DynamoUsageStore } from '../../src/adapters/aws/usage.js';
import { newAccessTable } from '../support/access-table.js';
import { describeAws, emulator } from '../support/emulator.js';
import { usageStoreContract } from './usage-store.js';

const RECORD = { client: 'acme', model: 'diamonds', at: Date.now(), requests: 1, predictions: 1 };
const MONTH = new Date(RECORD.at).toISOString().slice(0, 7);
const DAY_S = 86_400;

async function newPlace() {
  const aws = await emulator();
  const name = await newAccessTable();
  const tables: DynamoTable[] = [];
  const table = () => {
    const opened = new DynamoTable(name, aws);
    tables.push(opened);
    return opened;
  };
  const another = async () => new DynamoUsageStore(table());
  const remove = async () => {
    for (const each of tables) each.close();
  };
  return { store: await another(), another, remove, table: table() };
}

describeAws('the store of usage in DynamoDB', () => {
  usageStoreContract(newPlace);

  it('keeps an id until it expires, and lets DynamoDB remove it then', async () => {
    const { store, remove, table } = await newPlace();
    const now = Math.floor(Date.now() / 1000);
    // Recorded late: it is kept from then on.
    await store.record([{ ...RECORD, id: 'late', at: RECORD.at - 20 * DAY_S * 1000 }]);
    const mark = await table.get({ pk: { S: 'counted#late' }, sk: { S: 'counted' } });
    expect(Number(mark!.expiresAt!.N)).toBeGreaterThanOrEqual(now + REMEMBERED_DAYS * DAY_S);
    expect(Number(mark!.expiresAt!.N)).toBeLessThan(now + (REMEMBERED_DAYS + 1) * DAY_S);
    await remove();
  });

  it('refuses more records than one transaction can write', async () => {
    const { store, remove } = await newPlace();
    const many = Array.from({ length: store.atOnce + 1 }, (_, i) => ({
      ...RECORD,
      model: `model-${i}`,
      id: `id-${i}`,
    }));
    await expect(store.record(many)).rejects.toThrow(RangeError);
    expect(await store.read(MONTH)).toEqual([]);
    await remove();
  });
});
