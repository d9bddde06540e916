import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { StoredRegistry } from '../../src/adapters/stores/registry.js';
import { packVersion } from '../../src/registry/version.js';
import { DEGRADED, SWAPPED } from '../../src/serving/alias-watch.js';
import { CHAMPION, ServingService, watchAliases } from '../../src/serving/service.js';
import { RecordedSignals } from '../support/signals.js';
import { modelsIn } from '../support/stores.js';
import { newModels, retrained, SHIPPED_ID } from '../support/versions.js';

const [NEXT, LAST] = [packVersion(retrained(1)), packVersion(retrained(2))];
const CHECK_AFTER = 30_000;

/** A store that counts what is asked of it, and lets its alias be read only when `gate` opens. */
class CountingStore extends StoredRegistry {
  looks = 0;
  loads = 0;
  gate: Promise<void> = Promise.resolve();
  broken = false;

  override async readAlias(model: string, alias: string) {
    if (alias === CHAMPION) this.looks++;
    if (this.broken && alias === CHAMPION)
      throw Object.assign(new Error('EIO: /secret/path'), { code: 'EIO' });
    const read = await super.readAlias(model, alias);
    await this.gate;
    return read;
  }

  override async readVersion(model: string, id: string) {
    this.loads++;
    return super.readVersion(model, id);
  }
}

let models: ReturnType<typeof newModels>;
let store: CountingStore;
let registry: ServingService;
let now: number;
let signals: RecordedSignals;

const open = (checkAfter?: number) => {
  store = new CountingStore(modelsIn(models.directory));
  registry = new ServingService(store, {
    ...(checkAfter !== undefined && { checkAfter }),
    now: () => now,
    signals,
  });
};
const move = async (to: string) => {
  const from = await models.store.readAlias('diamonds', CHAMPION);
  await models.store.moveAlias('diamonds', CHAMPION, from?.version, { version: to });
};
const serves = async (fresh?: boolean) => (await registry.champion('diamonds', fresh)).version.id;

beforeEach(async () => {
  models = newModels();
  for (const { id, files } of [NEXT, LAST]) await models.store.publish('diamonds', id, files);
  now = 1_000_000;
  signals = new RecordedSignals();
  open();
});
afterEach(() => models.remove());

describe('a registry that is refreshed', () => {
  it('serves what the alias points to since, and tells of it; requests never look', async () => {
    expect(await serves()).toBe(SHIPPED_ID);
    await move(NEXT.id);
    now += 1e9;
    expect(await serves()).toBe(SHIPPED_ID);
    expect(store.looks).toBe(1);
    await registry.refresh();
    expect(await serves()).toBe(NEXT.id);
    expect(signals.of(SWAPPED)).toEqual([{ model: 'diamonds', from: SHIPPED_ID, to: NEXT.id }]);
    await registry.refresh();
    expect([store.looks, store.loads, signals.of(SWAPPED).length]).toEqual([3, 2, 1]);
  });

  it('answers from what it has while it looks and loads', async () => {
    expect(await serves()).toBe(SHIPPED_ID);
    await move(NEXT.id);
    let openGate = () => {};
    store.gate = new Promise((resolve) => {
      openGate = resolve;
    });
    const refreshing = registry.refresh();
    expect(await serves()).toBe(SHIPPED_ID);
    openGate();
    await refreshing;
    expect(await serves()).toBe(NEXT.id);
  });

  it('looks at once for those who want it fresh, not with a look that began before', async () => {
    expect(await serves()).toBe(SHIPPED_ID);
    let openGate = () => {};
    store.gate = new Promise((resolve) => {
      openGate = resolve;
    });
    const refreshing = registry.refresh();
    // By then the look that is under way has read the alias.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await move(NEXT.id);
    const fresh = Promise.all([serves(true), serves(true), serves(true)]);
    openGate();
    expect(await fresh).toEqual([NEXT.id, NEXT.id, NEXT.id]);
    await refreshing;
    expect(store.looks).toBe(3);
  });

  it('notices models that appear and vanish', async () => {
    expect(await serves()).toBe(SHIPPED_ID);
    const directory = join(models.directory, 'diamonds');
    renameSync(directory, join(models.directory, 'gems'));
    await registry.refresh();
    await expect(serves()).rejects.toMatchObject({ code: 'model_not_found' });
    const looks = store.looks;
    expect((await registry.champion('gems')).version.id).toBe(SHIPPED_ID);
    expect(store.looks).toBe(looks);
    renameSync(join(models.directory, 'gems'), directory);
    expect(await serves()).toBe(SHIPPED_ID);
  });

  it('remembers nothing of models that never were', async () => {
    for (const name of ['rubies', 'x'.repeat(300), '../diamonds'])
      await expect(registry.champion(name)).rejects.toMatchObject({ code: 'model_not_found' });
    const looks = store.looks;
    await registry.refresh();
    expect([store.looks, registry.degraded()]).toEqual([looks + 1, []]);
  });
});

describe('a registry whose requests look', () => {
  it('looks when the last look is too old, before it answers', async () => {
    open(CHECK_AFTER);
    expect(await serves()).toBe(SHIPPED_ID);
    await move(NEXT.id);
    now += CHECK_AFTER - 1;
    expect([await serves(), store.looks]).toEqual([SHIPPED_ID, 1]);
    now += 1;
    expect([await serves(), store.looks]).toEqual([NEXT.id, 2]);
    expect([await serves(), store.looks]).toEqual([NEXT.id, 2]);
  });

  it('looks when the clock was set back', async () => {
    open(CHECK_AFTER);
    expect(await serves()).toBe(SHIPPED_ID);
    await move(NEXT.id);
    now -= 1e9;
    expect(await serves()).toBe(NEXT.id);
  });

  it('looks each time when told to', async () => {
    open(0);
    for (const id of [NEXT.id, LAST.id, SHIPPED_ID]) {
      await move(id);
      expect(await serves()).toBe(id);
    }
    expect(store.looks).toBe(3);
  });

  it('tries a bad version again no more often than that', async () => {
    open(CHECK_AFTER);
    await serves();
    writeFileSync(models.fileOf(NEXT.id, 'weights.bin'), 'rubble');
    await move(NEXT.id);
    now += CHECK_AFTER;
    for (let i = 0; i < 3; i++) expect(await serves()).toBe(SHIPPED_ID);
    expect(store.loads).toBe(2);
  });
});

describe('a version that cannot be served', () => {
  it('leaves the older one serving, is told of once, and serves when it is mended', async () => {
    const weights = models.fileOf(NEXT.id, 'weights.bin');
    const bytes = await readFile(weights);
    await serves();
    writeFileSync(weights, 'rubble');
    await move(NEXT.id);
    for (let i = 0; i < 3; i++) {
      await registry.refresh();
      expect([await serves(), await serves(true)]).toEqual([SHIPPED_ID, SHIPPED_ID]);
    }
    const problem = {
      model: 'diamonds',
      alias: CHAMPION,
      version: NEXT.id,
      reason: expect.stringContaining(NEXT.id),
      serves: SHIPPED_ID,
    };
    expect(signals.of(DEGRADED)).toEqual([{ ...problem, err: expect.anything() }]);
    expect(registry.degraded()).toEqual([problem]);
    writeFileSync(weights, bytes);
    await registry.refresh();
    expect([await serves(), registry.degraded()]).toEqual([NEXT.id, []]);
  });

  it('is told of by itself when it is another', async () => {
    await serves();
    for (const { id } of [NEXT, LAST]) {
      rmSync(models.fileOf(id, 'model.json'));
      await move(id);
      await registry.refresh();
      await registry.refresh();
    }
    expect(signals.of(DEGRADED).map(({ version }) => version)).toEqual([NEXT.id, LAST.id]);
    await move(SHIPPED_ID);
    await registry.refresh();
    expect([registry.degraded(), store.loads]).toEqual([[], 5]);
  });

  it('is no reason to forget the others, nor when it is all there is of a model', async () => {
    const { id, files } = packVersion({ ...retrained(3) });
    await models.store.publish('glass', id, files);
    await models.store.moveAlias('glass', CHAMPION, undefined, { version: id });
    rmSync(join(models.directory, 'glass', 'versions', id, 'model.json'));
    expect((await registry.loadAll()).map(({ version }) => version.id)).toEqual([SHIPPED_ID]);
    expect(registry.degraded()).toEqual([expect.objectContaining({ model: 'glass' })]);
    await expect(registry.champion('glass')).rejects.toMatchObject({ code: 'version_corrupt' });
  });

  it('may be an alias that cannot be read: nothing of the inside is shown', async () => {
    await serves();
    store.broken = true;
    await registry.refresh();
    await registry.refresh();
    expect(await serves()).toBe(SHIPPED_ID);
    expect(registry.degraded()).toEqual([
      { model: 'diamonds', alias: CHAMPION, reason: 'it cannot be read', serves: SHIPPED_ID },
    ]);
    expect(signals.of(DEGRADED)).toHaveLength(1);
    store.broken = false;
    await registry.refresh();
    expect(registry.degraded()).toEqual([]);
  });

  it('leaves the known models where they cannot be listed', async () => {
    await serves();
    store.listModels = () => Promise.reject(new Error('EIO'));
    await move(NEXT.id);
    await registry.refresh();
    expect((await registry.loadAll()).map(({ version }) => version.id)).toEqual([NEXT.id]);
  });
});

describe('watching', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('refreshes every so often, never two at once, until it is ended', async () => {
    let refreshes = 0;
    let finish = () => {};
    const refresh = () => {
      refreshes++;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    const end = watchAliases({ refresh }, 1000);
    await jest.advanceTimersByTimeAsync(999);
    expect(refreshes).toBe(0);
    await jest.advanceTimersByTimeAsync(5000);
    expect(refreshes).toBe(1);
    finish();
    await jest.advanceTimersByTimeAsync(1000);
    expect(refreshes).toBe(2);
    end();
    finish();
    await jest.advanceTimersByTimeAsync(5000);
    expect(refreshes).toBe(2);
  });
});
