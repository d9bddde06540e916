import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StoredRegistry } from '../../src/adapters/stores/registry.js';
import { VersionService } from '../../src/registry/service.js';
import { packVersion } from '../../src/registry/version.js';
import { CHAMPION, ServingService } from '../../src/serving/service.js';
import { modelsIn } from '../support/stores.js';
import { newModels, retrained, SHIPPED } from '../support/versions.js';

const CHECK_AFTER = 30_000;

/** A store that counts all that is read of it. */
class CountingStore extends StoredRegistry {
  reads = 0;
  override listModels() {
    this.reads++;
    return super.listModels();
  }
  override readAlias(model: string, alias: string) {
    this.reads++;
    return super.readAlias(model, alias);
  }
  override readVersion(model: string, id: string) {
    this.reads++;
    return super.readVersion(model, id);
  }
}

let models: ReturnType<typeof newModels>;
let store: CountingStore;
let now: number;
beforeEach(() => {
  models = newModels();
  store = new CountingStore(modelsIn(models.directory));
  now = 1_000_000;
});
afterEach(() => models.remove());

const open = (checkAfter?: number) =>
  new ServingService(store, { ...(checkAfter !== undefined && { checkAfter }), now: () => now });
const newVersions = (registry: ServingService) => new VersionService(store, registry);
const names = async (registry: ServingService, fresh = false) =>
  (await registry.loadAll(fresh)).map(({ version }) => version.spec.name);
/** Another process publishes a model. */
const publish = async (name: string, spoil = false) => {
  const { id: _, ...content } = SHIPPED;
  const { id, files } = packVersion({ ...content, spec: { ...content.spec, name } });
  await models.store.publish(name, id, files);
  await models.store.moveAlias(name, CHAMPION, undefined, { version: id });
  if (spoil) rmSync(join(models.directory, name, 'versions', id, 'model.json'));
};
/** How often the store is read by it. */
const reads = async (ask: () => Promise<unknown>) => {
  const before = store.reads;
  await ask().catch(() => undefined);
  return store.reads - before;
};

describe('all models', () => {
  it('are listed again when the last look is too old, and not before', async () => {
    const registry = open(CHECK_AFTER);
    expect(await names(registry)).toEqual(['diamonds']);
    await publish('rubies');
    now += CHECK_AFTER - 1;
    expect(await reads(async () => expect(await names(registry)).toEqual(['diamonds']))).toBe(0);
    now += 1;
    expect(await names(registry)).toEqual(['diamonds', 'rubies']);
    expect(await reads(() => registry.loadAll())).toBe(0);
  });

  it.each<[string, (registry: ServingService) => Promise<unknown>]>([
    ['it is wanted', (registry) => registry.loadAll(true)],
    ['all is refreshed', (registry) => registry.refresh()],
    ['it is told of a model', (registry) => registry.recheck('rubies')],
    ['another version is published', (registry) => newVersions(registry).publish(retrained(1))],
  ])('are listed again when %s', async (_when, tell) => {
    for (const registry of [open(CHECK_AFTER), open()]) {
      await names(registry);
      await publish('rubies').catch(() => undefined);
      await tell(registry);
      expect(await names(registry)).toEqual(['diamonds', 'rubies']);
    }
  });

  it('show where an alias points as soon as a prediction does', async () => {
    const registry = open(CHECK_AFTER);
    await registry.loadAll();
    const next = packVersion(retrained(1));
    await models.store.publish('diamonds', next.id, next.files);
    await models.store.moveAlias('diamonds', CHAMPION, SHIPPED.id, { version: next.id });
    await registry.champion('diamonds', true);
    expect((await registry.loadAll()).map(({ version }) => version.id)).toEqual([next.id]);
  });

  it('that cannot be served are not read for each who asks', async () => {
    await publish('rubies', true);
    const registry = open(CHECK_AFTER);
    expect(await names(registry)).toEqual(['diamonds']);
    expect(await reads(() => registry.loadAll())).toBe(0);
    expect(registry.degraded()).toMatchObject([{ model: 'rubies' }]);
  });

  it('say why there are none, over and over, without reading', async () => {
    rmSync(join(models.directory, 'diamonds'), { recursive: true });
    await publish('rubies', true);
    const registry = open(CHECK_AFTER);
    for (let i = 0; i < 2; i++)
      await expect(registry.loadAll()).rejects.toMatchObject({ code: 'version_corrupt' });
    expect(await reads(() => registry.loadAll())).toBe(0);
  });

  it('are listed once for all who ask at the same time', async () => {
    const registry = open(CHECK_AFTER);
    const alone = await reads(() => registry.loadAll());
    const crowd = open(CHECK_AFTER);
    expect(await reads(() => Promise.all([1, 2, 3].map(() => crowd.loadAll())))).toBe(alone);
  });

  it('are listed again after a failure', async () => {
    const registry = open(CHECK_AFTER);
    const { listModels } = store;
    store.listModels = () => Promise.reject(new Error('EIO'));
    await expect(registry.loadAll()).rejects.toThrow('EIO');
    store.listModels = listModels;
    expect(await names(registry)).toEqual(['diamonds']);
  });

  it('are looked at for each request where that is wanted', async () => {
    const registry = open(0);
    await names(registry);
    await publish('rubies');
    expect(await names(registry)).toEqual(['diamonds', 'rubies']);
  });
});
