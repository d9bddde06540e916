import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RegistryStore } from '../../src/registry/port.js';
import type { VersionFiles } from '../../src/registry/version.js';

/** Empty storage, stores that share it, and a way to remove a file of a version. */
export interface Place {
  open(): RegistryStore;
  lose(model: string, id: string, file: keyof VersionFiles): Promise<void>;
  remove(): Promise<void>;
}

export const [V1, V2, V3] = ['1111aaaa1111aaaa', '2222bbbb2222bbbb', '3333cccc3333cccc'] as const;
const FILES = ['version.json', 'model.json', 'weights.bin'] as const;
const MOVERS = ['a1', 'b2', 'c3', 'd4', 'e5', 'f6', 'a7', 'b8'];

/** Binary files that differ by version. */
export function filesOf(mark: string): VersionFiles {
  return {
    'version.json': Buffer.from(JSON.stringify({ mark })),
    'model.json': Buffer.from(JSON.stringify({ modelTopology: mark })),
    'weights.bin': new Uint8Array(70_000).map((_, i) => i * mark.charCodeAt(0)),
  };
}

/** Files of which the last fails to be read, so that writing them fails half-way. */
export function brokenFiles(): VersionFiles {
  return Object.defineProperty({ ...filesOf('broken') }, 'weights.bin', {
    get() {
      throw new Error('the disk is full');
    },
  });
}

/** Returns files as texts: jest compares bytes one by one, which takes a hundred times as long. */
export const plain = (files: VersionFiles) =>
  Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
  );

const CONFLICT = { code: 'version_conflict' };
const corrupt = (what: string) =>
  expect.objectContaining({ code: 'version_corrupt', message: expect.stringContaining(what) });

/** The contract of stores of the registry. */
export function registryStoreContract(newPlace: () => Promise<Place>): void {
  let place: Place;
  let store: RegistryStore;
  beforeEach(async () => {
    place = await newPlace();
    store = place.open();
  });
  afterEach(() => place.remove());

  describe('a version', () => {
    it('is read back as it was published, by others too', async () => {
      await store.publish('gems', V1, filesOf('1'));
      await store.publish('stones', V1, filesOf('2'));
      for (const reader of [store, place.open()]) {
        expect(plain(await reader.readVersion('gems', V1))).toEqual(plain(filesOf('1')));
        expect(plain(await reader.readVersion('stones', V1))).toEqual(plain(filesOf('2')));
      }
    });

    it('never changes', async () => {
      await store.publish('gems', V1, filesOf('1'));
      await store.publish('gems', V1, filesOf('2'));
      expect(plain(await store.readVersion('gems', V1))).toEqual(plain(filesOf('1')));
    });

    it('may be published by several concurrent calls', async () => {
      await Promise.all(MOVERS.map(() => place.open().publish('gems', V1, filesOf('1'))));
      expect(plain(await store.readVersion('gems', V1))).toEqual(plain(filesOf('1')));
    });

    it.each([
      ['of an unknown model', 'rubies', V1],
      ['with an unknown id', 'gems', V2],
    ])('%s is corrupt, by name', async (_what, model, id) => {
      await store.publish('gems', V1, filesOf('1'));
      await expect(store.readVersion(model, id)).rejects.toEqual(corrupt(id));
    });

    it.each(FILES)('without its %s is corrupt', async (file) => {
      await store.publish('gems', V1, filesOf('1'));
      await place.lose('gems', V1, file);
      await expect(store.readVersion('gems', V1)).rejects.toEqual(corrupt(file));
    });

    it('is not visible after a failed publication, and can be published again', async () => {
      await expect(store.publish('gems', V1, brokenFiles())).rejects.toThrow('the disk is full');
      await expect(store.readVersion('gems', V1)).rejects.toEqual(corrupt(V1));
      expect(await store.listModels()).toEqual([]);
      await store.publish('gems', V1, filesOf('1'));
      expect(plain(await store.readVersion('gems', V1))).toEqual(plain(filesOf('1')));
    });

    it('is visible whole or not at all while it is published', async () => {
      let published = false;
      const publishing = store.publish('gems', V1, filesOf('1')).finally(() => {
        published = true;
      });
      const reader = place.open();
      while (!published) {
        const seen = await reader.readVersion('gems', V1).then(plain, (error) => error.code);
        expect([plain(filesOf('1')), 'version_corrupt']).toContainEqual(seen);
      }
      await publishing;
    });
  });

  describe('an alias', () => {
    beforeEach(async () => {
      for (const id of [V1, V2, V3]) await store.publish('gems', id, filesOf(id));
    });

    it.each(['gems', 'rubies'])('of %s points to nothing at first', async (model) => {
      expect(await store.readAlias(model, 'champion')).toBeUndefined();
    });

    it('points to where it was moved last, for others too', async () => {
      await store.moveAlias('gems', 'champion', undefined, { version: V1 });
      await store.moveAlias('gems', 'champion', V1, { version: V2 });
      await store.moveAlias('gems', 'challenger', undefined, { version: V3 });
      await store.moveAlias('gems', 'champion', V2, { version: V1 });
      for (const reader of [store, place.open()]) {
        expect(await reader.readAlias('gems', 'champion')).toEqual({ version: V1 });
        expect(await reader.readAlias('gems', 'challenger')).toEqual({ version: V3 });
      }
    });

    it.each([V2, undefined])('stays when its mover expects %s', async (expected) => {
      await store.moveAlias('gems', 'champion', undefined, { version: V1 });
      const moving = store.moveAlias('gems', 'champion', expected, { version: V3 });
      await expect(moving).rejects.toMatchObject(CONFLICT);
      expect(await store.readAlias('gems', 'champion')).toEqual({ version: V1 });
    });

    it.each(['gems', 'rubies'])('that %s lacks is not moved from a version', async (model) => {
      const moving = store.moveAlias(model, 'champion', V1, { version: V2 });
      await expect(moving).rejects.toMatchObject(CONFLICT);
      expect(await store.readAlias(model, 'champion')).toBeUndefined();
    });

    it.each([
      ['one process', () => store],
      ['several processes', () => place.open()],
    ])('is moved by exactly one of many movers of %s', async (_what, storeOfMover) => {
      for (const id of MOVERS) await store.publish('gems', id, filesOf(id));
      await store.moveAlias('gems', 'champion', undefined, { version: V1 });
      const moves = await Promise.allSettled(
        MOVERS.map((id) => storeOfMover().moveAlias('gems', 'champion', V1, { version: id })),
      );
      const winners = MOVERS.filter((_, i) => moves[i]!.status === 'fulfilled');
      expect(winners).toEqual([(await store.readAlias('gems', 'champion'))?.version]);
      const losers = moves.filter((move) => move.status === 'rejected');
      expect(losers.every(({ reason }) => reason.code === 'version_conflict')).toBe(true);
    });

    it('is not lost by concurrent moves of other aliases', async () => {
      await Promise.all(
        MOVERS.map((alias) => store.moveAlias('gems', alias, undefined, { version: V1 })),
      );
      const found = await Promise.all(MOVERS.map((alias) => store.readAlias('gems', alias)));
      expect(found).toEqual(MOVERS.map(() => ({ version: V1 })));
    });

    it('may have the name of a property of every object', async () => {
      await store.moveAlias('gems', 'constructor', undefined, { version: V2 });
      expect(await store.readAlias('gems', 'constructor')).toEqual({ version: V2 });
    });
  });

  it('lists the models that have an alias, sorted', async () => {
    expect(await store.listModels()).toEqual([]);
    for (const model of ['stones', 'gems', 'rocks']) {
      await store.publish(model, V1, filesOf('1'));
      if (model !== 'rocks') await store.moveAlias(model, 'champion', undefined, { version: V1 });
    }
    expect(await store.listModels()).toEqual(['gems', 'stones']);
    await store.moveAlias('stones', 'champion', V1, undefined);
    expect(await store.listModels()).toEqual(['gems']);
  });

  describe('an invalid name', () => {
    const names = ['../gems', 'gems/../../gems', '/gems', '.', '', 'Gems'];

    it.each(names)('%j has nothing to read', async (name) => {
      expect(await store.readAlias(name, 'champion')).toBeUndefined();
      await expect(store.readVersion(name, V1)).rejects.toThrow();
      await expect(store.readVersion('gems', name)).rejects.toThrow();
    });

    it.each(names)('%j cannot be published', async (name) => {
      await expect(store.publish(name, V1, filesOf('1'))).rejects.toThrow();
      await expect(store.publish('gems', name, filesOf('1'))).rejects.toThrow();
    });

    it('cannot be moved', async () => {
      for (const name of names) {
        await store.publish(name, V1, filesOf('1')).catch(() => undefined);
        await expect(
          store.moveAlias(name, 'champion', undefined, { version: V1 }),
        ).rejects.toThrow();
      }
    });
  });
}
