import { expect, it } from '@jest/globals';
import { DynamoAccessStore } from '../../src/adapters/aws/access.js';
import { DynamoTable } from '../../src/adapters/aws/dynamo.js';
import { keptKey } from '../support/access.js';
import { newAccessTable } from '../support/access-table.js';
import { describeAws, emulator } from '../support/emulator.js';
import { accessStoreContract } from './access-store.js';

async function newPlace() {
  const aws = await emulator();
  const name = await newAccessTable();
  const opened: DynamoAccessStore[] = [];
  const open = async () => {
    const store = new DynamoAccessStore(new DynamoTable(name, aws));
    opened.push(store);
    return store;
  };
  const remove = async () => {
    for (const each of opened) await each.close();
  };
  return { store: await open(), reopen: open, another: open, remove, name, aws };
}

describeAws('the store of clients and keys in DynamoDB', () => {
  accessStoreContract(newPlace);

  it('keeps expired keys, although DynamoDB removes items with a number in expiresAt', async () => {
    const { store, name, aws } = await newPlace();
    const key = keptKey(1, { expiresAt: '2020-01-01T00:00:00.000Z' });
    await store.createKey(key);
    const table = new DynamoTable(name, aws);
    const item = await table.get({ pk: { S: `key#${key.id}` }, sk: { S: 'key' } });
    expect(item).toMatchObject({ worksUntil: { S: key.expiresAt }, hash: { S: key.hash } });
    expect(item).not.toHaveProperty('expiresAt');
    table.close();
    await store.close();
  });
});
