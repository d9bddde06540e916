import { appendFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openEnvironment } from '../../src/adapters/local/lmdb.js';
import { LocalUsageStore } from '../../src/adapters/local/usage.js';
import { uuidv7 } from '../../src/core/ids.js';
import { usageStoreContract } from './usage-store.js';

async function newPlace() {
  const directory = await mkdtemp(join(tmpdir(), 'lapidary-usage-'));
  const usage = join(directory, 'usage');
  const root = await openEnvironment(directory);
  const opened: LocalUsageStore[] = [];
  const another = async () => {
    const store = await LocalUsageStore.open(root, usage);
    opened.push(store);
    return store;
  };
  const store = await another();
  const remove = async () => {
    for (const each of opened) await each.close();
    await root.close();
    await rm(directory, { recursive: true });
  };
  return { store, another, remove, usage };
}

describe('the local store of usage', () => {
  usageStoreContract(newPlace);

  const RECORD = { client: 'acme', model: 'diamonds', at: Date.now(), requests: 1, predictions: 1 };
  const MONTH = new Date(RECORD.at).toISOString().slice(0, 7);

  it('has the records of a killed process, without an incomplete line', async () => {
    const { store, remove, usage } = await newPlace();
    const left = join(usage, `${uuidv7()}.jsonl`);
    writeFileSync(left, `${JSON.stringify(RECORD)}\n${JSON.stringify(RECORD)}\n{"client":"ac`);
    expect(await store.read(MONTH)).toMatchObject([{ requests: 2 }]);
    appendFileSync(left, `me","model":"diamonds","at":${RECORD.at},"requests":5}\n`);
    expect(await store.read(MONTH)).toMatchObject([{ requests: 7, predictions: 2 }]);
    await remove();
  });

  it('removes journals of ended processes, and keeps their sums', async () => {
    const { store, remove, usage } = await newPlace();
    const old = join(usage, `${uuidv7(Date.now() - 3 * 3_600_000)}.jsonl`);
    writeFileSync(old, `${JSON.stringify(RECORD)}\n`);
    utimesSync(old, 0, 0);
    store.record([RECORD]);
    expect(await store.read(MONTH)).toMatchObject([{ requests: 2 }]);
    expect(readdirSync(usage)).toHaveLength(1);
    expect(await store.read(MONTH)).toMatchObject([{ requests: 2 }]);
    await remove();
  });
});
