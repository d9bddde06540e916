import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Directory } from '../../src/adapters/objects/directory.js';
import { StoredBatchPredictions } from '../../src/adapters/stores/batch-predictions.js';
import { uuidv7 } from '../../src/core/ids.js';
import { batchPredictionStoreContract, putInput, putResult } from './batch-prediction-store.js';

const newDirectory = () => mkdtempSync(join(tmpdir(), 'lapidary-batch-predictions-'));
const storeIn = (directory: string) => new StoredBatchPredictions(new Directory(directory));

describe('the local store', () => {
  batchPredictionStoreContract(() => {
    const directory = newDirectory();
    return {
      open: () => storeIn(directory),
      remove: () => rmSync(directory, { recursive: true, force: true }),
    };
  });
});

describe('the directory of the local store', () => {
  let directory: string;
  beforeEach(() => {
    directory = newDirectory();
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const entries = () => readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = () =>
    entries()
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort();

  it('holds only the first data, however often a put is repeated or fails', async () => {
    const store = storeIn(directory);
    const job = uuidv7();
    await Promise.all(Array.from({ length: 10 }, (_, i) => putInput(store, job, `rows ${i}`)));
    await Promise.all(Array.from({ length: 10 }, (_, i) => putResult(store, job, `rows ${i}`)));
    const failing = store.putResultOnce(job, () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    expect(files()).toEqual(['content', 'content', 'input.json', 'rejects.csv', 'result.json']);
  });

  it('removes old files of a crash', async () => {
    const store = storeIn(directory);
    const job = uuidv7();
    await putInput(store, job, 'rows');
    const kept = files();
    let left = false;
    // A stream that never ends leaves the files of a crash.
    void store.putResultOnce(job, async (draft) => {
      await draft.writeContent(Buffer.from('half'));
      left = true;
      return new Promise(() => {});
    });
    while (!left) await new Promise((resolve) => setTimeout(resolve, 5));
    const hourAgo = Date.now() / 1000 - 3600;
    for (const { parentPath, name } of entries())
      if (name.startsWith('.') || parentPath.includes('/.'))
        utimesSync(join(parentPath, name), hourAgo, hourAgo);
    expect(files().length).toBeGreaterThan(kept.length);
    await storeIn(directory).sweep(job, new Date(Date.now() - 60_000));
    expect(files()).toEqual(kept);
  });
});
