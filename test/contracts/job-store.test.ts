import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { LmdbJobStore } from '../../src/adapters/local/jobs.js';
import { jobStoreContract } from './job-store.js';

describe('the local store', () => {
  jobStoreContract(async () => {
    const parent = await mkdtemp(join(tmpdir(), 'lapidary-jobs-'));
    const directory = join(parent, 'data', 'jobs');
    let store = await LmdbJobStore.open(directory);
    return {
      store,
      async reopen() {
        await store.close();
        store = await LmdbJobStore.open(directory);
        return store;
      },
      async remove() {
        await store.close();
        await rm(parent, { recursive: true });
      },
    };
  });
});
