import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '../../src/core/ids.js';
import type { BatchPredictionStore, InputFacts, ResultFacts } from '../../src/prediction/port.js';
import { sha256, textOf } from '../support/datasets.js';

/** Empty storage, and stores that share it. */
export interface Place {
  open(): BatchPredictionStore;
  remove(): void | Promise<void>;
}

const MANY = 20;
const LATER = () => new Date(Date.now() + 60_000);

const inputOf = (text: string): InputFacts => ({
  format: 'csv',
  checksum: sha256(text),
  bytes: text.length,
});
const resultOf = (text: string): ResultFacts => ({
  version: '0123456789abcdef',
  rows: 2,
  rejected: 1,
  checksum: sha256(text),
  bytes: text.length,
});

export function putInput(store: BatchPredictionStore, job: string, text: string) {
  return store.putInputOnce(job, async (sink) => {
    await sink(Buffer.from(text.slice(0, 2)));
    await sink(Buffer.from(text.slice(2)));
    return inputOf(text);
  });
}

export function putResult(store: BatchPredictionStore, job: string, text: string) {
  return store.putResultOnce(job, async (draft) => {
    await draft.writeContent(Buffer.from(text.slice(0, 2)));
    await draft.writeRejects(Buffer.from(`bad of ${text}`));
    await draft.writeContent(Buffer.from(text.slice(2)));
    return resultOf(text);
  });
}

/** The contract of stores of batch predictions. */
export function batchPredictionStoreContract(newPlace: () => Place | Promise<Place>): void {
  let place: Place;
  let store: BatchPredictionStore;
  let job: string;
  beforeEach(async () => {
    place = await newPlace();
    store = place.open();
    job = uuidv7();
  });
  afterEach(() => place.remove());

  const readInput = async (reader = store) => {
    const open = await reader.openInput(job);
    return open && { ...open.input, text: await textOf(open.content.read()) };
  };
  const readResult = async (reader = store) => {
    const open = await reader.openResult(job);
    if (!open) return undefined;
    const rejects = await textOf(open.rejects.read());
    return { ...open.result, text: await textOf(open.content.read()), rejects };
  };

  it('has nothing of an unknown job', async () => {
    for (const id of [job, '..', '', 'x/../y']) {
      expect(await store.openInput(id)).toBeUndefined();
      expect(await store.openResult(id)).toBeUndefined();
      expect(await store.remove(id)).toBe(false);
    }
  });

  it('returns input and result unchanged, to other stores too, any number of times', async () => {
    expect(await putInput(store, job, 'some rows')).toEqual(inputOf('some rows'));
    expect(await readResult()).toBeUndefined();
    expect(await putResult(store, job, 'some answers')).toEqual(resultOf('some answers'));
    for (const reader of [store, place.open(), store]) {
      expect(await readInput(reader)).toEqual({ ...inputOf('some rows'), text: 'some rows' });
      expect(await readResult(reader)).toEqual({
        ...resultOf('some answers'),
        text: 'some answers',
        rejects: 'bad of some answers',
      });
    }
  });

  it('keeps the first of several puts, and returns it to the others', async () => {
    await putInput(store, job, 'one');
    expect(await putInput(place.open(), job, 'two')).toEqual(inputOf('one'));
    expect(await readInput()).toMatchObject({ text: 'one' });
    await putResult(store, job, 'three');
    expect(await putResult(place.open(), job, 'four')).toEqual(resultOf('three'));
    expect(await readResult()).toMatchObject({ text: 'three', rejects: 'bad of three' });
  });

  it('keeps one of many concurrent puts whole, and returns it to all', async () => {
    const puts = await Promise.all(
      Array.from({ length: MANY }, (_, i) => putResult(place.open(), job, `answers ${i}`)),
    );
    expect(new Set(puts.map(({ checksum }) => checksum)).size).toBe(1);
    const read = await readResult();
    expect(sha256(read!.text)).toBe(puts[0]!.checksum);
    expect(read!.rejects).toBe(`bad of ${read!.text}`);
  });

  it('may have no rejected rows, and rows of any size', async () => {
    const large = Buffer.alloc(12_000_000, 'x');
    await store.putResultOnce(job, async (draft) => {
      for (let at = 0; at < large.length; at += 1 << 20)
        await draft.writeContent(large.subarray(at, at + (1 << 20)));
      return resultOf('large');
    });
    const read = await readResult();
    expect([sha256(read!.text), read!.rejects]).toEqual([sha256(large), '']);
  });

  it('shows nothing before the put is complete, or if it fails', async () => {
    const failing = store.putResultOnce(job, async (draft) => {
      await draft.writeContent(Buffer.from('half'));
      expect(await readResult(place.open())).toBeUndefined();
      throw new Error('the worker gave up');
    });
    await expect(failing).rejects.toThrow('the worker gave up');
    expect(await readResult()).toBeUndefined();
    const broken = store.putInputOnce(job, async (sink) => {
      await sink(Buffer.from('half'));
      throw new Error('the connection broke');
    });
    await expect(broken).rejects.toThrow('the connection broke');
    expect(await readInput()).toBeUndefined();
    expect(await putInput(store, job, 'whole')).toEqual(inputOf('whole'));
    expect(await putResult(store, job, 'whole')).toEqual(resultOf('whole'));
  });

  it('removes the data of a job, and nothing of others', async () => {
    const other = uuidv7();
    for (const id of [job, other]) {
      await putInput(store, id, 'rows');
      await putResult(store, id, 'answers');
    }
    expect(await place.open().remove(job)).toBe(true);
    expect(await store.remove(job)).toBe(false);
    expect([await readInput(), await readResult()]).toEqual([undefined, undefined]);
    expect(await store.openResult(other)).toBeDefined();
    expect(await putResult(store, job, 'anew')).toEqual(resultOf('anew'));
  });

  describe('a sweep', () => {
    it('removes the jobs without a put since then', async () => {
      await putInput(store, job, 'rows');
      await putResult(store, job, 'answers');
      const before = new Date(Date.now() - 60_000);
      expect((await store.sweep(job, before))?.getTime()).toBeGreaterThan(before.getTime());
      expect(await readResult()).toBeDefined();
      expect(await place.open().jobs()).toEqual([job]);
      expect(await place.open().sweep(job, LATER())).toBeUndefined();
      expect([await readInput(), await readResult()]).toEqual([undefined, undefined]);
    });

    it('finds nothing in empty storage', async () => {
      expect(await store.sweep(job, LATER())).toBeUndefined();
      expect(await store.jobs()).toEqual([]);
    });
  });
}
