import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Bucket } from '../../../src/adapters/objects/bucket.js';
import { uuidv7 } from '../../../src/core/ids.js';
import { factsOf, put } from '../../contracts/dataset-store.js';
import { newBucket } from '../../support/bucket.js';
import { FLATS, textOf } from '../../support/datasets.js';
import { describeAws } from '../../support/emulator.js';
import { openDatasets } from '../../support/stores.js';

const LATER = new Date(Date.now() + 3_600_000);
const AGO = new Date(Date.now() - 3_600_000);

describeAws('the objects of datasets', () => {
  let world: Awaited<ReturnType<typeof newBucket>>;
  let bucket: Bucket;
  let stores: ReturnType<typeof openDatasets>;
  beforeAll(async () => {
    world = await newBucket();
  });
  beforeEach(async () => {
    const place = world.newPlace();
    bucket = place.open();
    stores = openDatasets(place.open());
    await stores.store.define('flats', FLATS);
  });

  /** Keys without what is random in them. */
  async function keys(): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of bucket.list('')) found.push(key.replace(/[0-9a-f-]{36}/g, '*'));
    return found.sort();
  }
  const BATCH = [
    'datasets/flats/*/batches/*/content',
    'datasets/flats/*/batches/*/quarantine.csv',
    'datasets/flats/*/log/1',
    'datasets/flats/states/1',
  ];

  it('are those of the batch, however often it is put or fails', async () => {
    await Promise.all(Array.from({ length: 10 }, () => put(stores.store, 'one')));
    const failing = stores.store.putBatchOnce('flats', async (draft) => {
      await draft.writeContent(Buffer.alloc(12 * 2 ** 20));
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    expect(await keys()).toEqual(BATCH);
  });

  it('are rid of what crashes left, once that is old', async () => {
    const { store, uploadStore } = stores;
    await put(store, 'one');
    const [, root] = /^(.*\/)log\//.exec((await firstKey('log/'))!)!;
    const left = [
      `${root}batches/${uuidv7()}/content`,
      `${root}uploads/${uuidv7()}/data/${uuidv7()}`,
      `datasets/flats/${uuidv7()}/log/1`,
      `datasets/gone/${uuidv7()}/batches/${uuidv7()}/content`,
    ];
    for (const key of left) await bucket.createOnce(key, Buffer.from('half'));
    await bucket.createOnce('datasets/gone/states/1', Buffer.from('{"removed":true}'));
    const all = await keys();
    const sweep = async (before: Date) => {
      for (const name of await store.names()) await store.sweep(name, before);
      for (const { dataset, id } of await uploadStore.list())
        await uploadStore.sweep(dataset, id, before);
    };
    await sweep(AGO);
    expect(await keys()).toEqual(all);
    await sweep(LATER);
    expect(await keys()).toEqual([...BATCH, 'datasets/gone/states/1']);
    const open = await store.openBatch('flats', factsOf('one').id);
    expect(await textOf(open!.content.read())).toBe('one');
  });

  it('are not of a dataset that was removed, but for that it was', async () => {
    await put(stores.store, 'one');
    await stores.uploadStore.start('flats', upload());
    await stores.store.remove('flats');
    expect(await keys()).toEqual(['datasets/flats/states/1', 'datasets/flats/states/2']);
  });

  it('are found beyond the first thousand', async () => {
    const { store, uploadStore } = stores;
    const one = upload();
    await uploadStore.start('flats', one);
    const numbers = Array.from({ length: 1010 }, (_, i) => i + 1);
    const inParallel = async (make: (number: number) => Promise<unknown>) => {
      for (let at = 0; at < numbers.length; at += 100)
        await Promise.all(numbers.slice(at, at + 100).map(make));
    };
    const [, directory] = /^(.*\/)upload\.json$/.exec((await firstKey('upload.json'))!)!;
    const checksum = factsOf('one').checksum;
    const name = (number: number) => `${number}.000001.${uuidv7()}.${checksum}.3`;
    await inParallel((number) =>
      bucket.createOnce(`${directory}parts/${name(number)}`, new Uint8Array()),
    );
    const { parts } = (await uploadStore.read('flats', one.id))!;
    expect(parts.map(({ number }) => number)).toEqual(numbers);
    expect(parts[0]).toEqual({ number: 1, checksum, bytes: 3 });
    const entry = { ...factsOf('one'), committedAt: new Date().toISOString(), directory: 'x' };
    const root = directory!.replace(/uploads\/.*/, '');
    await inParallel((number) =>
      bucket.createOnce(
        `${root}log/${number}`,
        Buffer.from(JSON.stringify({ ...entry, id: String(number) })),
      ),
    );
    const { items } = await store.listBatches('flats', { limit: 2000 });
    expect(items.map(({ id }) => Number(id))).toEqual(numbers);
  }, 60_000);

  const upload = () => ({ id: uuidv7(), format: 'csv' as const, expiresAt: LATER.toISOString() });

  async function firstKey(part: string): Promise<string | undefined> {
    for await (const { key } of bucket.list('')) if (key.includes(part)) return key;
    return undefined;
  }
});
