import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VersionService } from '../../src/registry/service.js';
import { ServingService } from '../../src/serving/service.js';
import { publishRandom } from '../support/publish.js';
import { registryIn } from '../support/stores.js';

const CHECK_AFTER_MS = 1000;

/** What all share, and what one client has beside it; others may change the latter as well. */
function newPlaces() {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-sharing-'));
  const clock = { now: 0 };
  const now = () => clock.now;
  const sharedStore = registryIn(join(directory, 'shared'));
  const ownStore = registryIn(join(directory, 'own'));
  let looks = 0;
  const readAlias = ownStore.readAlias.bind(ownStore);
  ownStore.readAlias = (...asked) => {
    looks++;
    return readAlias(...asked);
  };
  const shared = new ServingService(sharedStore);
  const own = new ServingService(ownStore, { checkAfter: CHECK_AFTER_MS, now, shared });
  const sharedVersions = new VersionService(sharedStore, shared);
  const versions = new VersionService(ownStore, own, sharedVersions);
  return {
    shared,
    own,
    versions,
    sharedVersions,
    pass(milliseconds: number) {
      clock.now += milliseconds;
    },
    looks: () => looks,
    elsewhere() {
      const store = registryIn(join(directory, 'own'));
      return new VersionService(store, new ServingService(store));
    },
    champion: async (fresh = false) => (await own.champion('marked', fresh)).version.id,
    remove: () => rmSync(directory, { recursive: true }),
  };
}

let places: ReturnType<typeof newPlaces>;
beforeEach(() => {
  places = newPlaces();
});
afterEach(() => places.remove());

describe('a registry that shares another', () => {
  it('serves what is shared, and looks for no namesake at each request', async () => {
    const id = await publishRandom(places.sharedVersions, 1);
    expect(await places.champion()).toBe(id);
    const looks = places.looks();
    expect(await places.champion()).toBe(id);
    expect(places.looks()).toBe(looks);
    expect(await places.own.models()).toEqual(['marked']);
    expect((await places.own.loadAll()).map(({ version }) => version.id)).toEqual([id]);
    expect((await places.own.loadVersion('marked', id)).version.id).toBe(id);
  });

  it.each<[string, () => Promise<void> | void, boolean]>([
    ['after a while', () => places.pass(CHECK_AFTER_MS), false],
    ['when it is told to look at all', () => places.own.refresh(), false],
    ['when it is told of the model', () => places.own.recheck('marked'), false],
    ['for a request that wants it', () => {}, true],
  ])('serves an own model of the same name once it is there, %s', async (_when, tell, fresh) => {
    const shared = await publishRandom(places.sharedVersions, 1);
    expect(await places.champion()).toBe(shared);
    const own = await publishRandom(places.elsewhere(), 2);
    expect(await places.champion()).toBe(shared);
    await tell();
    expect(await places.champion(fresh)).toBe(own);
    expect((await places.own.loadAll()).map(({ version }) => version.id)).toEqual([own]);
    expect((await places.shared.champion('marked')).version.id).toBe(shared);
  });

  it('has no model that neither has', async () => {
    const refused = { code: 'model_not_found' };
    await expect(places.champion()).rejects.toMatchObject(refused);
    await expect(places.versions.list('marked', { limit: 10 })).rejects.toMatchObject(refused);
    await expect(places.versions.rollback('marked', 'champion')).rejects.toMatchObject(refused);
  });
});

describe('versions of what is shared', () => {
  it('are told of, and not changed', async () => {
    const { versions } = places;
    const first = await publishRandom(places.sharedVersions, 1);
    const second = await publishRandom(places.sharedVersions, 2);
    expect((await versions.list('marked', { limit: 10 })).items).toHaveLength(2);
    expect(await versions.describe('marked', second)).toMatchObject({ aliases: ['champion'] });
    expect(await versions.aliases('marked')).toMatchObject([{ version: second, previous: first }]);
    expect(await versions.compare('marked', first, second)).toMatchObject({ a: { id: first } });
    const refused = { code: 'model_shared' };
    const target = { version: first };
    await expect(versions.promote('marked', 'champion', target)).rejects.toMatchObject(refused);
    await expect(versions.rollback('marked', 'champion')).rejects.toMatchObject(refused);
    await expect(versions.removeAlias('marked', 'challenger')).rejects.toMatchObject(refused);
    await expect(versions.delete('marked', first)).rejects.toMatchObject(refused);
    expect((await places.shared.champion('marked', true)).version.id).toBe(second);
  });

  it('are changed where they are the own ones of a client', async () => {
    await publishRandom(places.sharedVersions, 1);
    const [first, second] = [
      await publishRandom(places.versions, 2),
      await publishRandom(places.versions, 3),
    ];
    expect(await places.versions.rollback('marked', 'champion')).toEqual({ version: first });
    await places.versions.delete('marked', second);
    expect((await places.versions.list('marked', { limit: 10 })).items).toHaveLength(1);
  });
});
