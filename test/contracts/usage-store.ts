import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Meter } from '../../src/access/meter.js';
import type { UsageRecord, UsageStore } from '../../src/access/port.js';
import { sized } from '../support/size.js';

const MANY = sized(30, 100);

/** Empty storage. */
export interface Place {
  store: UsageStore;
  /** Opens the same storage, like a concurrent process. */
  another(): Promise<UsageStore>;
  remove(): Promise<void>;
}

const AT = Date.now();
const DAY = new Date(AT).toISOString().slice(0, 10);
const MONTH = DAY.slice(0, 7);
const NOTHING = { requests: 0, predictions: 0, storedBytes: 0, trainingSeconds: 0 };

/** The contract of stores of usage. */
export function usageStoreContract(open: () => Promise<Place>): void {
  let place: Place;
  let store: UsageStore;
  beforeEach(async () => {
    place = await open();
    store = place.store;
  });
  afterEach(() => place.remove());

  const record = (change: Partial<UsageRecord> = {}): UsageRecord => ({
    client: 'acme',
    model: 'diamonds',
    at: AT,
    requests: 1,
    predictions: 10,
    ...change,
  });

  describe('usage', () => {
    it('is added up by client, model and day', async () => {
      await store.record([record(), record({ predictions: 5 }), record({ model: 'digits' })]);
      await store.record([record({ client: 'nuts', predictions: 1 }), record()]);
      await store.record([{ client: 'acme', model: 'diamonds', at: AT, trainingSeconds: 7 }]);
      await store.record([{ client: 'acme', model: '', at: AT, storedBytes: 2 ** 40 }]);
      const acme = { client: 'acme', day: DAY, ...NOTHING };
      const ofAcme = [
        { ...acme, model: '', storedBytes: 2 ** 40 },
        { ...acme, model: 'diamonds', requests: 3, predictions: 25, trainingSeconds: 7 },
        { ...acme, model: 'digits', requests: 1, predictions: 10 },
      ];
      expect(await store.read(MONTH, 'acme')).toEqual(ofAcme);
      const nuts = { ...NOTHING, client: 'nuts', model: 'diamonds', day: DAY };
      expect(await store.read(MONTH)).toEqual([
        ...ofAcme,
        { ...nuts, requests: 1, predictions: 1 },
      ]);
      expect(await store.read(MONTH, 'acm')).toEqual([]);
      expect(await store.read('2020-01')).toEqual([]);
    });

    it('belongs to the day and month of its time, UTC', async () => {
      await store.record([
        record({ at: Date.parse('2026-01-31T23:59:59.999Z') }),
        record({ at: Date.parse('2026-02-01T00:00:00.000Z') }),
      ]);
      expect(await store.read('2026-01')).toMatchObject([{ day: '2026-01-31', predictions: 10 }]);
      expect(await store.read('2026-02')).toMatchObject([{ day: '2026-02-01', predictions: 10 }]);
    });

    it('with an id is counted once, at the same time, later, or by another process', async () => {
      const once = record({ id: 'a' });
      await store.record([once, record({ id: 'b' }), once]);
      await store.record([once]);
      const other = await place.another();
      await other.record([once, record({ id: 'c' })]);
      expect(await store.read(MONTH)).toMatchObject([{ requests: 3, predictions: 30 }]);
    });

    it('of concurrent calls in two processes is complete', async () => {
      const other = await place.another();
      const rounds = Array.from({ length: MANY }, (_, i) => i);
      await Promise.all(
        rounds.flatMap((i) => [
          store.record([record({ predictions: 1 }), record({ id: `id-${i}`, predictions: 1 })]),
          other.record([record({ predictions: 1 }), record({ id: `id-${i}`, predictions: 1 })]),
          i % 10 === 0 ? store.read(MONTH) : undefined,
          i % 15 === 0 ? other.read(MONTH) : undefined,
        ]),
      );
      for (const each of [store, other])
        expect(await each.read(MONTH)).toMatchObject([
          { requests: 3 * MANY, predictions: 3 * MANY },
        ]);
    });

    it('with one id is counted once, however many processes record it at the same time', async () => {
      const other = await place.another();
      const told = Array.from({ length: 50 }, (_, i) =>
        (i % 2 ? store : other).record([record({ id: `id-${i % 5}`, predictions: 1 })]),
      );
      await Promise.all(told);
      expect(await store.read(MONTH)).toMatchObject([{ requests: 5, predictions: 5 }]);
    });

    it('of a turn is counted whole, with any number of clients, models and ids', async () => {
      const meter = new Meter(store);
      const each = Array.from({ length: 130 }, (_, i) => i);
      const count = (told: UsageRecord) =>
        new Promise<void>((resolve, reject) => {
          meter.count(told, (error) => (error ? reject(error) : resolve()));
        });
      await Promise.all(
        each.flatMap((i) => [
          count(record({ client: `client-${i}`, model: `m-${i % 2}` })),
          count(record({ client: `client-${i}`, model: `m-${i % 2}`, id: `id-${i}` })),
          count(record({ client: `client-${i}`, model: `m-${i % 2}`, id: `id-${i}` })),
          count(record({ client: 'acme' })),
        ]),
      );
      const usage = await store.read(MONTH);
      expect(usage).toHaveLength(131);
      expect(await store.read(MONTH, 'acme')).toMatchObject([{ requests: 130 }]);
      for (const { client, requests } of usage) expect(requests).toBe(client === 'acme' ? 130 : 2);
      expect(usage.map(({ client }) => client)).toEqual(
        ['acme', ...each.map((i) => `client-${i}`)].sort(),
      );
    });

    it('is kept apart for similar names', async () => {
      await store.record([
        record({ client: 'a', model: 'b#c' }),
        record({ client: 'a#b', model: 'c' }),
        record({ client: 'a', model: 'b' }),
      ]);
      expect((await store.read(MONTH, 'a')).map(({ model }) => model)).toEqual(['b', 'b#c']);
      expect((await store.read(MONTH, 'a#b')).map(({ model }) => model)).toEqual(['c']);
    });

    it('stays when its store is closed', async () => {
      const other = await place.another();
      const recorded = Promise.all([other.record([record()]), other.record([record()])]);
      await other.close();
      await recorded;
      expect(await store.read(MONTH)).toMatchObject([{ requests: 2 }]);
    });
  });
}
