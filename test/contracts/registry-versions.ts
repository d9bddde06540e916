import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RegistryStore } from '../../src/registry/port.js';
import { sized } from '../support/size.js';
import { filesOf, type Place, plain, V1, V2, V3 } from './registry-store.js';

const ROUNDS = sized(2, 5);

/** The contract for the versions of a model and the history of its aliases. */
export function versionsContract(placeNow: () => Place): void {
  let store: RegistryStore;
  beforeEach(async () => {
    store = placeNow().open();
    for (const id of [V2, V3, V1]) await store.publish('gems', id, filesOf(id));
  });
  const move = (expected: string | undefined, version: string, alias = 'champion') =>
    store.moveAlias('gems', alias, expected, { version });

  describe('the versions of a model', () => {
    it('are listed, sorted, and none of another model', async () => {
      expect(await store.listVersions('gems')).toEqual([V1, V2, V3]);
      for (const model of ['rubies', '../gems', 'Gems', ''])
        expect(await store.listVersions(model)).toEqual([]);
    });

    it('have records that can be read alone', async () => {
      const record = await store.readRecord('gems', V2);
      expect(Buffer.from(record)).toEqual(filesOf(V2)['version.json']);
    });

    it('have the files that their record lists', async () => {
      const files = {
        'version.json': Buffer.from(JSON.stringify({ artifact: 'trees', files: ['trees.bin'] })),
        'trees.bin': Buffer.from('oak'),
      };
      await store.publish('forests', V1, files);
      expect(plain(await placeNow().open().readVersion('forests', V1))).toEqual(plain(files));
      await store.deleteVersion('forests', V1);
      await store.publish('forests', V1, { ...files, 'trees.bin': Buffer.from('elm') });
      const { 'trees.bin': trees } = await store.readVersion('forests', V1);
      expect(String(Buffer.from(trees!))).toBe('elm');
    });

    it.each([
      ['gems', 'ffff'],
      ['rubies', V1],
      ['gems', '../gems'],
    ])('of which %s lacks %s is not found', async (model, id) => {
      const missing = { code: 'version_not_found' };
      await expect(store.readRecord(model, id)).rejects.toMatchObject(missing);
      await expect(store.deleteVersion(model, id)).rejects.toMatchObject(missing);
    });

    it('without their record are corrupt', async () => {
      await placeNow().lose('gems', V1, 'version.json');
      await expect(store.readRecord('gems', V1)).rejects.toMatchObject({ code: 'version_corrupt' });
    });

    it('can be deleted, and published again', async () => {
      await store.deleteVersion('gems', V2);
      expect(await placeNow().open().listVersions('gems')).toEqual([V1, V3]);
      await expect(move(undefined, V2)).rejects.toMatchObject({ code: 'version_not_found' });
      await store.publish('gems', V2, filesOf(V2));
      expect(plain(await store.readVersion('gems', V2))).toEqual(plain(filesOf(V2)));
    });

    it('cannot be deleted while an alias points to them', async () => {
      await move(undefined, V1);
      await move(undefined, V2, 'challenger');
      for (const id of [V1, V2]) {
        const refused = { code: 'version_in_use' };
        await expect(store.deleteVersion('gems', id)).rejects.toMatchObject(refused);
        expect(plain(await store.readVersion('gems', id))).toEqual(plain(filesOf(id)));
      }
      await move(V1, V3);
      await store.deleteVersion('gems', V1);
      expect(await store.listVersions('gems')).toEqual([V2, V3]);
    });

    it('are never deleted while an alias is moved to them', async () => {
      await move(undefined, V3);
      for (let round = 0; round < ROUNDS; round++) {
        const from = (await store.readAlias('gems', 'champion'))!.version;
        const to = from === V1 ? V2 : V1;
        await Promise.allSettled([move(from, to), placeNow().open().deleteVersion('gems', to)]);
        const { version } = (await store.readAlias('gems', 'champion'))!;
        expect(plain(await store.readVersion('gems', version))).toEqual(plain(filesOf(version)));
        await store.publish('gems', to, filesOf(to));
      }
    }, 20_000);
  });

  it('are whole or missing after a concurrent publication and deletion', async () => {
    for (let round = 0; round < 2 * ROUNDS; round++) {
      await store.publish('gems', V1, filesOf(V1));
      await Promise.allSettled([
        store.deleteVersion('gems', V1),
        placeNow().open().publish('gems', V1, filesOf(V1)),
      ]);
      if ((await store.listVersions('gems')).includes(V1))
        expect(plain(await store.readVersion('gems', V1))).toEqual(plain(filesOf(V1)));
      else
        await expect(store.readRecord('gems', V1)).rejects.toMatchObject({
          code: 'version_not_found',
        });
    }
  }, 20_000);

  describe('the history of an alias', () => {
    it('has every move in order, more than nine too', async () => {
      expect(await store.aliasHistory('gems', 'champion')).toEqual([]);
      const ids = [V1, V2, V3, V1, V2, V3, V1, V2, V3, V1, V2, V3];
      for (const [i, id] of ids.entries()) await move(ids[i - 1], id);
      const history = await placeNow().open().aliasHistory('gems', 'champion');
      expect(history).toEqual(ids.map((version) => ({ version })));
      expect(await store.readAlias('gems', 'champion')).toEqual({ version: V3 });
    });

    it('keeps further fields, and the removal of the alias', async () => {
      const said = [{ version: V1, share: 0.25 }, undefined, { version: V1, shadow: true }];
      await store.moveAlias('gems', 'challenger', undefined, said[0]);
      await store.moveAlias('gems', 'challenger', V1, undefined);
      expect(await store.readAlias('gems', 'challenger')).toBeUndefined();
      expect(await store.listAliases('gems')).toEqual(new Map());
      await store.deleteVersion('gems', V2);
      await store.moveAlias('gems', 'challenger', undefined, said[2]);
      expect(await store.aliasHistory('gems', 'challenger')).toEqual(said);
      expect(await store.readAlias('gems', 'challenger')).toEqual(said[2]);
    });

    it('is empty for invalid names', async () => {
      for (const name of ['../gems', '.', '', 'Gems']) {
        expect(await store.aliasHistory(name, 'champion')).toEqual([]);
        expect(await store.aliasHistory('gems', name)).toEqual([]);
      }
    });
  });

  it('lists the aliases of a model, sorted, with what they point to', async () => {
    expect(await store.listAliases('gems')).toEqual(new Map());
    await move(undefined, V1);
    await store.moveAlias('gems', 'challenger', undefined, { version: V2, share: 0.5 });
    expect([...(await store.listAliases('gems'))]).toEqual([
      ['challenger', { version: V2, share: 0.5 }],
      ['champion', { version: V1 }],
    ]);
    for (const model of ['rubies', '../gems'])
      expect(await store.listAliases(model)).toEqual(new Map());
  });
}
