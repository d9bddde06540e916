import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BatchFacts, DatasetStore } from '../../src/datasets/port.js';
import { FLATS, sha256, textOf } from '../support/datasets.js';
import { sized } from '../support/size.js';

/** Empty storage, and stores that share it. */
export interface Place {
  open(): DatasetStore;
  remove(): void;
}

/** Independent stores read the entries of each other, so requests grow with the square. */
const MANY = sized(20, 100);
const PATIENCE_MS = sized(240_000, 900_000);
const PAGE = { limit: 1000 };
const NOT_FOUND = { code: 'dataset_not_found' };

/** Returns the facts of a batch with the text. */
export function factsOf(text: string): BatchFacts {
  const checksum = sha256(text);
  const facts = { format: 'csv' as const, bytes: text.length, rows: 2, quarantined: 1 };
  return { ...facts, id: checksum.slice(0, 16), checksum };
}

/** Puts a batch with the text. */
export function put(store: DatasetStore, text: string, dataset = 'flats') {
  return store.putBatchOnce(dataset, async (draft) => {
    await draft.writeContent(Buffer.from(text.slice(0, 2)));
    await draft.writeQuarantine(Buffer.from(`bad of ${text}`));
    await draft.writeContent(Buffer.from(text.slice(2)));
    return factsOf(text);
  });
}

/** The contract of stores of datasets. */
export function datasetStoreContract(newPlace: () => Place): void {
  let place: Place;
  let store: DatasetStore;
  beforeEach(async () => {
    place = newPlace();
    store = place.open();
    await store.define('flats', FLATS);
  });
  afterEach(() => place.remove());

  const idsOf = async (reader = store) =>
    (await reader.listBatches('flats', PAGE)).items.map(({ id }) => id);

  describe('a dataset', () => {
    it('is created once, and replaced after that, for others too', async () => {
      expect(await store.define('gems', FLATS)).toBe('created');
      const other = { ...FLATS, maximumBadShare: 0.5 };
      expect(await place.open().define('gems', other)).toBe('replaced');
      expect(await store.readDefinition('gems')).toEqual(other);
      expect(await store.readDefinition('rubies')).toBeUndefined();
    });

    it('is created by exactly one of many concurrent calls', async () => {
      const done = await Promise.all(
        Array.from({ length: 20 }, () => place.open().define('gems', FLATS)),
      );
      expect(done.filter((what) => what === 'created')).toHaveLength(1);
    });

    it('keeps its batches when it is replaced', async () => {
      await put(store, 'one');
      await store.define('flats', { ...FLATS, maximumBadShare: 0 });
      expect(await idsOf()).toEqual([factsOf('one').id]);
    });

    it('is listed by name, page by page', async () => {
      for (const name of ['stones', 'gems', 'rocks']) await store.define(name, FLATS);
      const first = await store.listDatasets({ limit: 3 });
      expect(first.items).toEqual(['flats', 'gems', 'rocks']);
      expect(await store.listDatasets({ limit: 3, cursor: first.next! })).toEqual({
        items: ['stones'],
      });
    });

    it('is removed with its batches, and empty when it is created again', async () => {
      await put(store, 'one');
      const other = place.open();
      expect(await idsOf(other)).toHaveLength(1);
      expect(await store.remove('flats')).toBe(true);
      expect(await store.remove('flats')).toBe(false);
      for (const reader of [store, other]) {
        expect(await reader.readDefinition('flats')).toBeUndefined();
        expect(await reader.openBatch('flats', factsOf('one').id)).toBeUndefined();
        await expect(reader.listBatches('flats', PAGE)).rejects.toMatchObject(NOT_FOUND);
        await expect(reader.readTotals('flats')).rejects.toMatchObject(NOT_FOUND);
        await expect(put(reader, 'two')).rejects.toMatchObject(NOT_FOUND);
      }
      await store.define('flats', FLATS);
      for (const reader of [store, other]) expect(await idsOf(reader)).toEqual([]);
      expect(await put(other, 'one')).toMatchObject({ created: true });
    });

    it('reports a removal before its batches are read', async () => {
      await put(store, 'one');
      const open = async () => (await store.openBatch('flats', factsOf('one').id))!;
      const batches = [await open(), await open()] as const;
      await store.remove('flats');
      await expect(textOf(batches[0].content.read())).rejects.toMatchObject(NOT_FOUND);
      await store.define('flats', FLATS);
      await put(store, 'one');
      await expect(textOf(batches[1].quarantine.read())).rejects.toMatchObject(NOT_FOUND);
    });

    it('takes no batch that was begun before it was removed and created again', async () => {
      const putting = store.putBatchOnce('flats', async (draft) => {
        await draft.writeContent(Buffer.from('one'));
        await store.remove('flats');
        await store.define('flats', FLATS);
        return factsOf('one');
      });
      await expect(putting).rejects.toMatchObject(NOT_FOUND);
      expect(await idsOf()).toEqual([]);
    });
  });

  describe('a batch', () => {
    it('is read back unchanged, by other stores too', async () => {
      const { batch, created } = await put(store, 'some rows');
      expect(created).toBe(true);
      expect(batch).toEqual({ ...factsOf('some rows'), committedAt: expect.any(String) });
      for (const reader of [store, place.open()]) {
        const open = await reader.openBatch('flats', batch.id);
        expect(open!.batch).toEqual(batch);
        // Any number of times.
        for (const _ of [1, 2]) expect(await textOf(open!.content.read())).toBe('some rows');
        expect(await textOf(open!.quarantine.read())).toBe('bad of some rows');
      }
    });

    it.each(['0123456789abcdef', '..', '../batches', ''])(
      'with the id %j is not found',
      async (id) => {
        await put(store, 'one');
        expect(await store.openBatch('flats', id)).toBeUndefined();
      },
    );

    it('is put once, and stays the first', async () => {
      const first = await put(store, 'one');
      const second = await put(place.open(), 'one');
      expect(second).toEqual({ batch: first.batch, created: false });
      expect(await store.readTotals('flats')).toMatchObject({ batches: 1 });
    });

    it('leaves nothing when a put fails, and can be put again', async () => {
      const failing = store.putBatchOnce('flats', async (draft) => {
        await draft.writeContent(Buffer.from('half'));
        throw new Error('the disk is full');
      });
      await expect(failing).rejects.toThrow('the disk is full');
      expect(await idsOf()).toEqual([]);
      expect(await put(store, 'half')).toMatchObject({ created: true });
    });

    it('is not visible before it is complete', async () => {
      await store.putBatchOnce('flats', async (draft) => {
        await draft.writeContent(Buffer.from('one'));
        expect(await idsOf()).toEqual([]);
        expect(await store.openBatch('flats', factsOf('one').id)).toBeUndefined();
        return factsOf('one');
      });
      expect(await idsOf()).toEqual([factsOf('one').id]);
    });
  });

  describe('batches', () => {
    it('are listed page by page in the order of their puts, and summed', async () => {
      const texts = ['one', 'two', 'three', 'four', 'five'];
      for (const text of texts) await put(store, text);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.listBatches('flats', { limit: 2, ...(cursor && { cursor }) });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(seen).toEqual(texts.map((text) => factsOf(text).id));
      expect(await store.readTotals('flats')).toEqual({
        batches: 5,
        rows: 10,
        quarantined: 5,
        bytes: texts.join('').length,
      });
    });

    it(
      'never precede one that was listed',
      async () => {
        let seen: string[] = [];
        const putting = Promise.all(
          Array.from({ length: MANY }, (_, i) => put(i % 2 ? store : place.open(), `batch ${i}`)),
        );
        let done = false;
        void putting.finally(() => {
          done = true;
        });
        while (!done) {
          const now = await idsOf();
          expect(now.slice(0, seen.length)).toEqual(seen);
          seen = now;
        }
        await putting;
      },
      PATIENCE_MS,
    );

    it.each([
      ['one store', () => store],
      ['several stores', () => place.open()],
    ])(
      'are all kept from concurrent puts of %s',
      async (_what, storeOf) => {
        const puts = await Promise.all(
          Array.from({ length: MANY }, (_, i) => put(storeOf(), `batch ${i}`)),
        );
        expect(puts.every(({ created }) => created)).toBe(true);
        const { items } = await place.open().listBatches('flats', PAGE);
        expect(new Set(items.map(({ id }) => id)).size).toBe(MANY);
        expect(items).toHaveLength(MANY);
        const times = items.map(({ committedAt }) => committedAt);
        expect(times).toEqual([...times].sort());
      },
      PATIENCE_MS,
    );

    it.each([
      ['one store', () => store],
      ['several stores', () => place.open()],
    ])(
      'that are equal become one in concurrent puts of %s',
      async (_what, storeOf) => {
        const puts = await Promise.all(Array.from({ length: MANY }, () => put(storeOf(), 'same')));
        expect(puts.filter(({ created }) => created)).toHaveLength(1);
        expect(new Set(puts.map(({ batch }) => JSON.stringify(batch))).size).toBe(1);
        expect(await idsOf()).toHaveLength(1);
      },
      PATIENCE_MS,
    );

    it('are not removed by a sweep, however old', async () => {
      await put(store, 'one');
      expect(await store.sweep('flats', new Date(Date.now() + 1e9))).toBe(false);
      const open = await store.openBatch('flats', factsOf('one').id);
      expect(await textOf(open!.content.read())).toBe('one');
    });
  });

  it.each(['../flats', 'flats/..', '.', '', 'Flats', '/flats', 'f'.repeat(5000)])(
    'refuses the name %j',
    async (name) => {
      await expect(store.define(name, FLATS)).rejects.toThrow();
      expect(await store.readDefinition(name)).toBeUndefined();
      expect(await store.openBatch(name, factsOf('one').id)).toBeUndefined();
      expect(await store.remove(name)).toBe(false);
      await expect(put(store, 'one', name)).rejects.toMatchObject(NOT_FOUND);
      expect((await store.listDatasets(PAGE)).items).toEqual(['flats']);
    },
  );
}
