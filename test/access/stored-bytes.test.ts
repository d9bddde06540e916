import { describe, expect, it } from '@jest/globals';
import { builtInPlan } from '../../src/access/plans.js';
import { StorageQuota } from '../../src/access/stored-bytes.js';

const PLAN = { ...builtInPlan('free')!, maxStoredBytes: 100 };
const EXCEEDED = { code: 'plan_exceeded' };

/** A quota over a place in which what is written is there when it is whole. */
function world() {
  const place = { bytes: 0, measured: 0, measure: async () => 0 };
  place.measure = async () => {
    place.measured++;
    return place.bytes;
  };
  const clock = { now: 1_000_000 };
  const quota = new StorageQuota(
    { measure: () => place.measure() },
    async () => PLAN,
    () => clock.now,
  );
  return { place, clock, quota };
}

describe('the bytes that a client stores', () => {
  it('are refused where the plan ends, while they come', async () => {
    const { quota } = world();
    const room = await quota.openRoom();
    await room.take(60);
    await room.take(40);
    await expect(room.take(1)).rejects.toMatchObject(EXCEEDED);
  });

  it('of several requests at once are taken from the same room', async () => {
    const { quota } = world();
    const [a, b] = await Promise.all([quota.openRoom(), quota.openRoom()]);
    await a.take(60);
    await expect(b.take(60)).rejects.toMatchObject(EXCEEDED);
    a.close(false);
    await b.take(60);
    b.close(true);
    const c = await quota.openRoom();
    await expect(c.take(60)).rejects.toMatchObject(EXCEEDED);
  });

  it('that are measured again are counted once', async () => {
    const { quota, place, clock } = world();
    const room = await quota.openRoom();
    await room.take(50);
    clock.now += 60_000;
    const other = await quota.openRoom();
    expect(place.measured).toBe(2);
    await other.take(50);
    await expect(room.take(1)).rejects.toMatchObject(EXCEEDED);
  });

  it('that were removed are measured before anything is refused', async () => {
    const { quota, place, clock } = world();
    place.bytes = 100;
    const room = await quota.openRoom();
    place.bytes = 20;
    clock.now += 1000;
    await room.take(80);
    await expect(room.take(1)).rejects.toMatchObject(EXCEEDED);
  });

  it('are not measured where the plan allows any number', async () => {
    const measure = () => Promise.reject(new Error('asked'));
    const quota = new StorageQuota({ measure }, async () => builtInPlan('unlimited')!);
    await (await quota.openRoom()).take(1e15);
  });

  it('are those of ten datasets by default', async () => {
    const { maxStoredBytes: _, ...older } = { ...PLAN, maxDatasetBytes: 10 };
    const quota = new StorageQuota(world().place, async () => older);
    const room = await quota.openRoom();
    await room.take(100);
    await expect(room.take(1)).rejects.toMatchObject(EXCEEDED);
  });
});
