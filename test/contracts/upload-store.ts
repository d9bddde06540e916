import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '../../src/core/ids.js';
import type { DatasetStore, UploadStore } from '../../src/datasets/port.js';
import { FLATS, sha256, textOf } from '../support/datasets.js';

/** Empty storage, and stores that share it. */
export interface Place {
  open(): { store: DatasetStore; uploadStore: UploadStore };
  remove(): void;
}

const BATCH = '0123456789abcdef';

/** The contract of stores of uploads. */
export function uploadStoreContract(newPlace: () => Place): void {
  let place: Place;
  let uploads: UploadStore;
  let id: string;
  beforeEach(async () => {
    place = newPlace();
    const { store, uploadStore } = place.open();
    uploads = uploadStore;
    await store.define('flats', FLATS);
    id = await start();
  });
  afterEach(() => place.remove());

  async function start(expiresAt = new Date(Date.now() + 60_000).toISOString()): Promise<string> {
    const upload = { id: uuidv7(), format: 'csv' as const, expiresAt };
    await uploads.start('flats', upload);
    return upload.id;
  }
  const partOf = (number: number, text: string) => ({
    number,
    checksum: sha256(text),
    bytes: text.length,
  });
  const putPart = (number: number, text: string, store = uploads) =>
    store.putPart('flats', id, number, async (sink) => {
      await sink(Buffer.from(text.slice(0, 1)));
      await sink(Buffer.from(text.slice(1)));
      return partOf(number, text);
    });
  const partsOf = async (store = uploads) => (await store.read('flats', id))?.parts;

  it('has its parts in the order of their numbers, for other stores too', async () => {
    for (const number of [10, 2, 1]) await putPart(number, `part ${number}`);
    const parts = [1, 2, 10].map((number) => partOf(number, `part ${number}`));
    expect(await partsOf(place.open().uploadStore)).toEqual(parts);
    const text = await textOf(uploads.readParts('flats', id, parts));
    expect(text).toBe('part 1part 2part 10');
  });

  it('has the part that was put last', async () => {
    for (const text of ['one', 'two', 'two', 'one', 'three']) {
      await putPart(1, text);
      expect(await partsOf()).toEqual([partOf(1, text)]);
    }
    const stale = textOf(uploads.readParts('flats', id, [partOf(1, 'one')]));
    await expect(stale).rejects.toMatchObject({ code: 'upload_incomplete' });
  });

  it('has one part of many concurrent puts', async () => {
    const texts = Array.from({ length: 30 }, (_, i) => `part ${i}`);
    await Promise.all(texts.map((text) => putPart(1, text, place.open().uploadStore)));
    const parts = (await partsOf())!;
    expect(parts).toHaveLength(1);
    expect(texts).toContain(await textOf(uploads.readParts('flats', id, parts)));
  });

  it('keeps the previous part when a put fails', async () => {
    await putPart(1, 'one');
    const failing = uploads.putPart('flats', id, 1, async (sink) => {
      await sink(Buffer.from('half'));
      throw new Error('the connection was lost');
    });
    await expect(failing).rejects.toThrow('the connection was lost');
    expect(await partsOf()).toEqual([partOf(1, 'one')]);
  });

  it('leaves only its batch when it is finished', async () => {
    await putPart(1, 'one');
    await uploads.finish('flats', id, BATCH);
    await uploads.finish('flats', id, BATCH);
    expect(await uploads.read('flats', id)).toMatchObject({ batch: BATCH, parts: [] });
  });

  it('is removed when it is aborted, when it has expired, and with its dataset', async () => {
    await putPart(1, 'one');
    expect(await uploads.abort('flats', id)).toBe(true);
    expect(await uploads.abort('flats', id)).toBe(false);
    expect(await uploads.read('flats', id)).toBeUndefined();
    await expect(putPart(1, 'one')).rejects.toMatchObject({ code: 'upload_not_found' });
    await uploads.finish('flats', id, BATCH);
    const expired = await start(new Date(Date.now() - 1000).toISOString());
    id = await start();
    const now = new Date();
    const left = [];
    for (const { dataset, id } of await uploads.list())
      left.push(await uploads.sweep(dataset, id, now));
    expect(left.filter((until) => until !== undefined && until > now)).toHaveLength(1);
    expect(await uploads.read('flats', expired)).toBeUndefined();
    expect(await uploads.read('flats', id)).toBeDefined();
    await place.open().store.remove('flats');
    expect(await uploads.read('flats', id)).toBeUndefined();
    await expect(start()).rejects.toMatchObject({ code: 'dataset_not_found' });
  });

  describe('with an invalid name', () => {
    it.each(['..', '../uploads', '', '.', uuidv7()])('%j is not found', async (name) => {
      expect(await uploads.read('flats', name)).toBeUndefined();
      expect(await uploads.abort('flats', name)).toBe(false);
      const reading = textOf(uploads.readParts('flats', name, [partOf(1, 'one')]));
      await expect(reading).rejects.toMatchObject({ code: 'upload_incomplete' });
    });
  });
}
