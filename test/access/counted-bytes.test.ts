import { describe, expect, it } from '@jest/globals';
import { CountedBytes } from '../../src/access/counted-bytes.js';
import { builtInPlan } from '../../src/access/plans.js';
import type { ByteCounter } from '../../src/access/port.js';
import { StorageQuota } from '../../src/access/stored-bytes.js';

/** Room for so many bytes that nothing is lost by rounding. */
const MB = 2 ** 20;
const PLAN = { ...builtInPlan('free')!, maxStoredBytes: 100 * MB };

/** A place that several processes write to, and their counter. */
function world() {
  const place = {
    bytes: 0,
    measured: 0,
    async measure() {
      place.measured++;
      return place.bytes;
    },
  };
  let count: number | undefined;
  const counter: ByteCounter = {
    read: async () => count,
    async add(bytes) {
      if (count !== undefined) count += bytes;
    },
    async correct(before, measured) {
      if (before === undefined) count ??= measured;
      else count! += measured - before;
    },
  };
  const clock = { now: 1_000_000 };
  const newProcess = () =>
    new StorageQuota(
      new CountedBytes(place, async () => counter),
      async () => PLAN,
      () => clock.now,
    );
  /** Stores bytes as one request. */
  const store = async (quota: StorageQuota, bytes: number) => {
    const room = await quota.openRoom();
    try {
      await room.take(bytes);
      place.bytes += bytes;
      await room.close(true);
    } catch (error) {
      await room.close(false);
      throw error;
    }
  };
  return { place, counter, clock, newProcess, store };
}

describe('counted bytes', () => {
  it('are measured once, however many processes store some', async () => {
    const { place, newProcess, store } = world();
    for (let i = 0; i < 10; i++) await store(newProcess(), 9 * MB);
    expect(place.measured).toBe(1);
    await expect(store(newProcess(), 11 * MB)).rejects.toMatchObject({ code: 'plan_exceeded' });
    expect(place.measured).toBe(2);
  });

  it('that were removed are no reason to refuse others', async () => {
    const { place, newProcess, store } = world();
    await store(newProcess(), 90 * MB);
    place.bytes = 0;
    await store(newProcess(), 60 * MB);
    await store(newProcess(), 30 * MB);
    expect(place.measured).toBe(2);
    await expect(store(newProcess(), 20 * MB)).rejects.toMatchObject({ code: 'plan_exceeded' });
  });

  it('that are added during a measurement stay in the count', async () => {
    const { place, counter } = world();
    await counter.correct(undefined, 50);
    const measuring = new CountedBytes(
      {
        async measure() {
          await counter.add(7);
          return 20;
        },
      },
      async () => counter,
    );
    expect(await measuring.measure()).toBe(20);
    expect(await counter.read()).toBe(27);
    expect(place.measured).toBe(0);
  });

  it('are stored even if they could not be counted', async () => {
    const { place, counter, newProcess, store } = world();
    counter.add = () => Promise.reject(new Error('throttled'));
    await store(newProcess(), 100 * MB);
    expect(place.bytes).toBe(100 * MB);
  });
});
