import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newBucket } from '../support/bucket.js';
import { FLATS, newDatasets } from '../support/datasets.js';
import { describeAws } from '../support/emulator.js';
import { openDatasets } from '../support/stores.js';
import { datasetStoreContract, factsOf, put } from './dataset-store.js';

describe('the local store', () => {
  datasetStoreContract(() => {
    const world = newDatasets();
    return { open: () => world.open().store, remove: world.remove };
  });
});

describeAws('the store on S3', () => {
  let bucket: Awaited<ReturnType<typeof newBucket>>;
  beforeAll(async () => {
    bucket = await newBucket();
  });
  datasetStoreContract(() => {
    const { open } = bucket.newPlace();
    return { open: () => openDatasets(open()).store, remove: () => undefined };
  });
});

describe('the directory of the local store', () => {
  let world: ReturnType<typeof newDatasets>;
  beforeEach(async () => {
    world = newDatasets();
    await world.store.define('flats', FLATS);
  });
  afterEach(() => world.remove());

  const files = () =>
    readdirSync(world.directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort();

  it('holds only the batch, however often a put is repeated or fails', async () => {
    const { store } = world;
    await Promise.all(Array.from({ length: 10 }, () => put(store, 'one')));
    const failing = store.putBatchOnce('flats', async () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    expect(files()).toEqual(['1', '1', 'content', 'quarantine.csv']);
  });

  it('removes old files of a crash', async () => {
    const { store } = world;
    await put(store, 'one');
    const kept = files();
    let left = '';
    // A stream that never ends leaves the files of a crash.
    void store.putBatchOnce('flats', async (draft) => {
      await draft.writeContent(Buffer.from('half'));
      left = 'content';
      return new Promise(() => {});
    });
    while (left === '') await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await store.sweep('flats', new Date(Date.now() - 60_000))).toBe(true);
    expect(files().length).toBeGreaterThan(kept.length);
    age(world.directory);
    expect(await world.open().store.sweep('flats', new Date(Date.now() - 60_000))).toBe(false);
    expect(files()).toEqual(kept);
    expect(await store.openBatch('flats', factsOf('one').id)).toBeDefined();
  });

  /** Sets the times of all files back by an hour. */
  function age(directory: string): void {
    const hourAgo = Date.now() / 1000 - 3600;
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true }))
      utimesSync(join(entry.parentPath, entry.name), hourAgo, hourAgo);
  }
});
