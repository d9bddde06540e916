import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { LmdbAccessStore } from '../../src/adapters/local/access.js';
import { openEnvironment } from '../../src/adapters/local/lmdb.js';
import { accessStoreContract } from './access-store.js';

describe('the local store of clients and keys', () => {
  accessStoreContract(async () => {
    const parent = await mkdtemp(join(tmpdir(), 'lapidary-access-'));
    const directory = join(parent, 'data', 'access');
    const open = async () => new LmdbAccessStore(await openEnvironment(directory));
    let store = await open();
    const others: LmdbAccessStore[] = [];
    return {
      store,
      async reopen() {
        await store.close();
        store = await open();
        return store;
      },
      async another() {
        const other = await open();
        others.push(other);
        return other;
      },
      async remove() {
        for (const each of [store, ...others]) await each.close();
        await rm(parent, { recursive: true });
      },
    };
  });
});
