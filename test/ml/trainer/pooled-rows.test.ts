import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seededRandom } from '../../../src/ml/random.js';
import type { EncodedBatch } from '../../../src/ml/rows.js';
import { PooledRows } from '../../../src/ml/trainer/pooled-rows.js';
import { inMemory, placesOf, record, storeOf } from '../records.js';

const WIDTH = 2;
const random = seededRandom;

/** Which rows came, in their order; each is checked to be whole. */
function rowsIn(batches: Iterable<EncodedBatch>): number[] {
  return [...batches].flatMap(({ inputs, targets }) =>
    [...targets].map((target, i) => {
      const expected = record(-target, WIDTH);
      expect([...inputs.subarray(i * WIDTH, (i + 1) * WIDTH)]).toEqual(expected.inputs);
      return -target;
    }),
  );
}

const ascending = (rows: number[]) => rows.toSorted((a, b) => a - b);
/** Rows of which some are wanted, how many at a time, and how many fit memory. */
const passes = fc.record({
  wanted: fc.uniqueArray(fc.nat(1999), { maxLength: 1200 }).map(ascending),
  size: fc.integer({ min: 1, max: 700 }),
  pool: fc.option(fc.integer({ min: 0, max: 2500 }), { nil: undefined }),
  seed: fc.nat(),
});
const STORE = storeOf(2000, WIDTH);
const pooled = (pool: number | undefined) =>
  pool === undefined ? inMemory(2000, WIDTH) : new PooledRows(STORE, pool);

describe('a pass over rows', () => {
  it('brings every wanted row once, in their order', () => {
    fc.assert(
      fc.property(passes, ({ wanted, size, pool }) => {
        const batches = pooled(pool).batches(Uint32Array.from(wanted), size);
        expect(rowsIn(batches)).toEqual(wanted);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('brings every wanted row once when they are mixed too', () => {
    fc.assert(
      fc.property(passes, ({ wanted, size, pool, seed }) => {
        const batches = pooled(pool).batches(Uint32Array.from(wanted), size, random(seed));
        expect(ascending(rowsIn(batches))).toEqual(wanted);
      }),
      { seed: 2, numRuns: 60 },
    );
  });

  it('brings so many at a time, the last time what is left', () => {
    fc.assert(
      fc.property(passes, fc.boolean(), ({ wanted, size, pool, seed }, mix) => {
        const rows = Uint32Array.from(wanted);
        const batches = [...pooled(pool).batches(rows, size, mix ? random(seed) : undefined)];
        const lengths = batches.map(({ targets }) => targets.length);
        const whole = Array<number>(Math.floor(wanted.length / size)).fill(size);
        expect(lengths).toEqual([...whole, wanted.length % size].filter((length) => length > 0));
        for (const { inputs, targets } of batches)
          expect(inputs).toHaveLength(WIDTH * targets.length);
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it('leaves the wanted places as they were', () => {
    const wanted = placesOf(1000);
    for (const pool of [undefined, 300]) rowsIn(pooled(pool).batches(wanted, 64, random(1)));
    expect(wanted).toEqual(placesOf(1000));
  });
});

describe('mixed rows', () => {
  const mix = (pool: number | undefined, next: () => number) =>
    rowsIn(pooled(pool).batches(placesOf(2000), 50, next));

  it.each([undefined, 300])('come in the order that the random numbers say (pool %s)', (pool) => {
    expect(mix(pool, random(1))).toEqual(mix(pool, random(1)));
    expect(mix(pool, random(1))).not.toEqual(mix(pool, random(2)));
    const next = random(1);
    expect(mix(pool, next)).not.toEqual(mix(pool, next));
  });

  it.each([undefined, 600])('come from all over the data in each pass (pool %s)', (pool) => {
    const order = mix(pool, random(4));
    const neighbours = order.filter((row, i) => Math.abs(row - order[i - 1]!) < 5).length;
    expect(neighbours).toBeLessThan(100);
    const firsts = Array.from({ length: 20 }, (_, seed) => {
      const [batch] = pooled(pool).batches(placesOf(2000), 50, random(seed));
      return rowsIn([batch!])[0]!;
    });
    expect(Math.max(...firsts) - Math.min(...firsts)).toBeGreaterThan(1000);
  });
});

describe('rows that are not in memory', () => {
  it('are read about once in a pass, neighbours together', () => {
    const store = storeOf(2000, WIDTH);
    rowsIn(new PooledRows(store, 600).batches(placesOf(2000), 100, random(3)));
    // A small gap is read too: that is cheaper than to jump over it.
    expect(store.reads.reduce((sum, [, rows]) => sum + rows, 0)).toBeLessThan(3000);
    expect(store.reads.length).toBeLessThan(30);
  });

  it('are not read before they are wanted', () => {
    const store = storeOf(2000, WIDTH);
    const batches = new PooledRows(store, 500).batches(placesOf(2000), 100);
    expect(store.reads).toEqual([]);
    batches.next();
    expect(store.reads.reduce((sum, [, rows]) => sum + rows, 0)).toBe(500);
  });

  it('may be left in the middle of a pass', () => {
    const rows = new PooledRows(storeOf(900, WIDTH), 300);
    for (const _batch of rows.batches(placesOf(900), 100, random(1))) break;
    expect(rowsIn(rows.batches(placesOf(900), 100))).toEqual([...placesOf(900)]);
  });

  it('give batches that later ones leave as they are', () => {
    const batches = [...new PooledRows(storeOf(900, WIDTH), 300).batches(placesOf(900), 100)];
    expect(rowsIn(batches)).toEqual([...placesOf(900)]);
  });
});
