import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUILT_IN_PLANS } from '../../src/access/plans.js';
import type { AccessStore } from '../../src/access/port.js';
import { ACME, keptKey } from '../support/access.js';
import { sized } from '../support/size.js';

/** Empty storage. */
export interface Place {
  store: AccessStore;
  /** Opens the same storage, like a process that starts now. */
  reopen(): Promise<AccessStore>;
  /** Opens the same storage, like a concurrent process. */
  another(): Promise<AccessStore>;
  remove(): Promise<void>;
}

const AT = '2026-02-01T00:00:00.000Z';
const LATER = '2026-03-01T00:00:00.000Z';
const MANY = sized(20, 50);
const NO_CURSORS = ['', '../', 'a#b', 'key#', 'ä', 'x'.repeat(3000)];

/** The contract of stores of clients, keys and plans. */
export function accessStoreContract(open: () => Promise<Place>): void {
  let place: Place;
  let store: AccessStore;
  beforeEach(async () => {
    place = await open();
    store = place.store;
  });
  afterEach(() => place.remove());

  describe('a client', () => {
    it('is created once, read and changed', async () => {
      expect(await store.createClient(ACME)).toBe(true);
      expect(await store.createClient({ ...ACME, name: 'Other' })).toBe(false);
      expect(await store.readClient('acme')).toEqual(ACME);
      const changed = { ...ACME, plan: 'standard' };
      expect(await store.changeClient('acme', { plan: 'standard' })).toEqual(changed);
      expect(await (await place.reopen()).readClient('acme')).toEqual(changed);
    });

    it('that does not exist is neither read nor changed', async () => {
      expect(await store.readClient('acme')).toBeUndefined();
      expect(await store.readClient('x'.repeat(5000))).toBeUndefined();
      expect(await store.changeClient('acme', { name: 'Other' })).toBeUndefined();
      expect(await store.readClient('acme')).toBeUndefined();
    });

    it('is created by one of many concurrent calls', async () => {
      const other = await place.another();
      const tries = Array.from({ length: MANY }, (_, i) =>
        (i % 2 ? store : other).createClient({ ...ACME, name: `Acme ${i}` }),
      );
      const created = await Promise.all(tries);
      expect(created.filter((isCreated) => isCreated)).toHaveLength(1);
      const { name } = (await store.readClient('acme'))!;
      expect(name).toBe(`Acme ${created.indexOf(true)}`);
    });

    it('keeps concurrent changes of different fields', async () => {
      await store.createClient(ACME);
      const other = await place.another();
      await Promise.all([
        store.changeClient('acme', { plan: 'standard' }),
        other.changeClient('acme', { name: 'Other' }),
      ]);
      expect(await store.readClient('acme')).toEqual({
        id: 'acme',
        name: 'Other',
        plan: 'standard',
      });
    });

    it('is listed in the order of ids, page by page', async () => {
      for (const id of ['c', 'a', 'b']) await store.createClient({ ...ACME, id });
      const first = await store.listClients({ limit: 2 });
      expect(first.items.map(({ id }) => id)).toEqual(['a', 'b']);
      const rest = await store.listClients({ limit: 2, cursor: first.next! });
      expect(rest).toEqual({ items: [{ ...ACME, id: 'c' }] });
    });

    it('is not listed from an invalid cursor', async () => {
      for (const cursor of NO_CURSORS)
        await expect(store.listClients({ limit: 2, cursor })).rejects.toMatchObject({
          code: 'invalid_request',
        });
    });
  });

  describe('a key', () => {
    it('is created once and read', async () => {
      const key = keptKey(1, { expiresAt: LATER });
      expect(await store.createKey(key)).toBe(true);
      expect(await store.createKey({ ...key, client: 'other' })).toBe(false);
      expect(await store.readKey(key.id)).toEqual(key);
      expect(await store.readKey(keptKey(2).id)).toBeUndefined();
      expect(await (await place.reopen()).readKey(key.id)).toEqual(key);
    });

    it('is revoked once: the first time stays', async () => {
      const key = keptKey(1);
      await store.createKey(key);
      expect(await store.revokeKey(key.id, AT)).toEqual({ ...key, revokedAt: AT });
      expect(await store.revokeKey(key.id, LATER)).toEqual({ ...key, revokedAt: AT });
      expect(await store.revokeKey(keptKey(2).id, AT)).toBeUndefined();
    });

    it('expires when it has a successor, and no later than it would have', async () => {
      const [lasting, short] = [keptKey(1), keptKey(2, { expiresAt: AT })];
      await store.createKey(lasting);
      await store.createKey(short);
      expect(await store.succeedKey(lasting.id, LATER, keptKey(3))).toBe(true);
      expect(await store.succeedKey(short.id, LATER, keptKey(4))).toBe(true);
      expect(await store.readKey(lasting.id)).toEqual({ ...lasting, expiresAt: LATER });
      expect(await store.readKey(short.id)).toEqual(short);
      expect(await store.readKey(keptKey(3).id)).toEqual(keptKey(3));
    });

    it('expires at the earlier of two times, in any notation', async () => {
      const beyond = keptKey(1, { expiresAt: '+010000-01-01T00:00:00.000Z' });
      const offset = keptKey(2, { expiresAt: '2026-01-31T23:30:00-11:00' });
      await store.createKey(beyond);
      await store.createKey(offset);
      const later = '2026-02-01T09:00:00.000Z';
      expect(await store.succeedKey(beyond.id, later, keptKey(3))).toBe(true);
      expect(await store.succeedKey(offset.id, later, keptKey(4))).toBe(true);
      expect(await store.readKey(beyond.id)).toEqual({ ...beyond, expiresAt: later });
      expect(await store.readKey(offset.id)).toEqual({ ...offset, expiresAt: later });
    });

    it('that is revoked or unknown has no successor', async () => {
      const key = keptKey(1);
      await store.createKey(key);
      await store.revokeKey(key.id, AT);
      expect(await store.succeedKey(key.id, LATER, keptKey(2))).toBe(false);
      expect(await store.succeedKey(keptKey(9).id, LATER, keptKey(2))).toBe(false);
      expect(await store.readKey(keptKey(2).id)).toBeUndefined();
    });

    it('keeps its latest use, and its revocation beside it', async () => {
      const key = keptKey(1);
      await store.createKey(key);
      await Promise.all([
        store.noteKeyUse(key.id, LATER),
        store.revokeKey(key.id, AT),
        store.noteKeyUse(key.id, AT),
        store.noteKeyUse(keptKey(2).id, AT),
      ]);
      expect(await store.readKey(key.id)).toEqual({ ...key, lastUsedAt: LATER, revokedAt: AT });
      expect(await store.readKey(keptKey(2).id)).toBeUndefined();
    });

    it('is listed with all, or with those of its client', async () => {
      for (const n of [3, 1, 2]) await store.createKey(keptKey(n));
      await store.createKey(keptKey(4, { client: 'acme2' }));
      const ids = async (filter: { client?: string }, cursor?: string) => {
        const page = await store.listKeys(filter, { limit: 2, ...(cursor && { cursor }) });
        return [page.items.map(({ id }) => id), page.next];
      };
      const id = (n: number) => keptKey(n).id;
      expect(await ids({})).toEqual([[id(1), id(2)], id(2)]);
      expect(await ids({}, id(2))).toEqual([[id(3), id(4)], undefined]);
      expect(await ids({ client: 'acme' })).toEqual([[id(1), id(2)], id(2)]);
      expect(await ids({ client: 'acme' }, id(2))).toEqual([[id(3)], undefined]);
      expect(await ids({ client: 'nobody' })).toEqual([[], undefined]);
      for (const cursor of NO_CURSORS)
        for (const filter of [{}, { client: 'acme' }])
          await expect(store.listKeys(filter, { limit: 2, cursor })).rejects.toMatchObject({
            code: 'invalid_request',
          });
    });

    it('is listed once on one of many pages while others are added', async () => {
      const all = Array.from({ length: 230 }, (_, i) => keptKey(2 * i));
      await Promise.all(all.map((key) => store.createKey(key)));
      for (const limit of [1000, 115, 23]) {
        const listed: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await store.listKeys(
            { client: 'acme' },
            { limit, ...(cursor && { cursor }) },
          );
          listed.push(...page.items.map(({ id }) => id));
          cursor = page.next;
          // Before the remaining ones, in the order of ids.
          await store.createKey(keptKey(1 + limit));
        } while (cursor !== undefined);
        const wanted = new Set(all.map(({ id }) => id));
        expect(listed.filter((id) => wanted.has(id))).toEqual([...wanted]);
        expect(new Set(listed).size).toBe(listed.length);
      }
    });

    it('is created by one of many concurrent calls', async () => {
      const other = await place.another();
      const tries = Array.from({ length: MANY }, (_, i) =>
        (i % 2 ? store : other).createKey(keptKey(1, { client: `client-${i}` })),
      );
      const created = await Promise.all(tries);
      expect(created.filter((isCreated) => isCreated)).toHaveLength(1);
      const client = `client-${created.indexOf(true)}`;
      expect(await store.readKey(keptKey(1).id)).toMatchObject({ client });
      expect((await other.listKeys({}, { limit: 10 })).items).toEqual([keptKey(1, { client })]);
      expect((await other.listKeys({ client }, { limit: 10 })).items).toHaveLength(1);
    });

    it('has a successor or is revoked, each as a whole', async () => {
      const other = await place.another();
      for (let round = 0; round < 10; round++) {
        const key = keptKey(10 * round);
        await store.createKey(key);
        const successors = [1, 2, 3, 4].map((n) => keptKey(10 * round + n));
        const [revoked, ...succeeded] = await Promise.all([
          other.revokeKey(key.id, AT),
          ...successors.map((next, i) => (i % 2 ? store : other).succeedKey(key.id, LATER, next)),
        ]);
        expect(revoked).toMatchObject({ id: key.id, revokedAt: AT });
        for (const [i, next] of successors.entries())
          expect(await store.readKey(next.id)).toEqual(succeeded[i] ? next : undefined);
        const expiry = succeeded.includes(true) ? { expiresAt: LATER } : {};
        expect(await store.readKey(key.id)).toEqual({ ...key, revokedAt: AT, ...expiry });
      }
    });

    it('expires at the earliest of concurrent expiries', async () => {
      const key = keptKey(0);
      await store.createKey(key);
      const other = await place.another();
      const times = Array.from({ length: 20 }, (_, i) =>
        new Date(Date.parse(AT) + i).toISOString(),
      );
      const done = await Promise.all(
        times.map((time, i) => (i % 2 ? store : other).succeedKey(key.id, time, keptKey(i + 1))),
      );
      expect(done).toEqual(times.map(() => true));
      expect(await store.readKey(key.id)).toEqual({ ...key, expiresAt: AT });
      expect((await store.listKeys({}, { limit: 100 })).items).toHaveLength(21);
    });

    it('keeps the latest of many concurrent uses', async () => {
      const key = keptKey(1);
      await store.createKey(key);
      const other = await place.another();
      const times = Array.from({ length: MANY }, (_, i) =>
        new Date(Date.parse(AT) + i).toISOString(),
      );
      await Promise.all(times.map((time, i) => (i % 2 ? store : other).noteKeyUse(key.id, time)));
      expect(await store.readKey(key.id)).toEqual({ ...key, lastUsedAt: times.at(-1) });
    });

    it('with an impossible id is not found', async () => {
      for (const id of ['', '../', 'a#b', 'x'.repeat(3000)]) {
        expect(await store.readKey(id)).toBeUndefined();
        expect(await store.revokeKey(id, AT)).toBeUndefined();
        expect(await store.succeedKey(id, AT, keptKey(1))).toBe(false);
        await store.noteKeyUse(id, AT);
        expect(await store.listKeys({ client: id }, { limit: 1 })).toEqual({ items: [] });
        expect(await store.readPlan(id)).toBeUndefined();
      }
    });
  });

  it('keeps plans, and replaces them', async () => {
    const [own] = BUILT_IN_PLANS.map((plan) => ({ ...plan, name: `own-${plan.name}` }));
    expect(await store.readPlan(own!.name)).toBeUndefined();
    await store.putPlan(own!);
    await store.putPlan({ ...own!, name: 'another' });
    await store.putPlan({ ...own!, burst: 7, predictionsPerMonth: null });
    const kept = { ...own!, burst: 7, predictionsPerMonth: null };
    expect(await store.readPlan(own!.name)).toEqual(kept);
    expect(await (await place.reopen()).listPlans()).toEqual([{ ...own!, name: 'another' }, kept]);
  });
}
