import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  BOXES,
  BOXES_SPEC,
  boxesCsv,
  newTrainingWorld,
  type TrainingWorld,
} from '../support/training.js';

let world: TrainingWorld;
beforeEach(async () => {
  world = await newTrainingWorld();
  await world.datasets.define('boxes', BOXES);
  await world.append(boxesCsv(200));
  await world.definitions.define(BOXES_SPEC, 'boxes', { follow: true });
});
afterEach(() => world.remove());

const open = async () => (await world.jobs.listOpen()).map(({ model, state }) => [model, state]);
const results = async () => {
  const { items } = await world.jobs.list({ model: 'boxes' }, { limit: 100 });
  return items.map(({ result }) => (result as { outcome: string }).outcome).reverse();
};

describe('a batch that arrives', () => {
  it('has those models trained that follow its dataset, once however many come', async () => {
    await world.datasets.define('crates', BOXES);
    const define = (name: string, dataset: string, follow: boolean) =>
      world.definitions.define({ ...BOXES_SPEC, name }, dataset, { follow });
    await define('still', 'boxes', false);
    await define('crates', 'crates', true);
    for (const seed of [2, 3, 4]) await world.append(boxesCsv(50, seed));
    expect(await open()).toEqual([['boxes', 'queued']]);
    await world.drain();
    const { items } = await world.jobs.list({ model: 'boxes' }, { limit: 10 });
    expect(items).toMatchObject([{ order: { reason: 'arrival' }, state: 'succeeded' }]);
    expect((items[0]!.result as { lineage: object }).lineage).toMatchObject({
      data: { rows: 350 },
    });
  });

  it('is not trained on when it was there already', async () => {
    const text = boxesCsv(50, 2);
    await world.append(text);
    await world.drain();
    expect((await world.append(text)).created).toBe(false);
    expect(await open()).toEqual([]);
  });

  it('during a training is not forgotten', async () => {
    const { train } = world.runner;
    let appended = false;
    world.runner.train = async (...args) => {
      if (!appended) await world.append(boxesCsv(50, 5));
      appended = true;
      return train.apply(world.runner, args);
    };
    await world.append(boxesCsv(50, 2));
    await world.drain();
    const { items } = await world.jobs.list({ model: 'boxes' }, { limit: 10 });
    const rows = items.map(
      ({ result }) => (result as { lineage: { data: { rows: number } } }).lineage.data.rows,
    );
    expect(rows).toEqual([300, 250]);
  });

  it('announced twice or late is trained on once', async () => {
    await world.append(boxesCsv(50, 2));
    await world.drain();
    await world.follower.onBatch('boxes');
    await world.drain();
    expect((await results())[1]).toBe('unchanged');
    expect(world.runner.trainings).toBe(1);
  });
});

describe('what was forgotten', () => {
  const forget = async () => {
    for (const { id } of await world.jobs.listOpen()) await world.jobStore.replace(await gone(id));
  };
  /** As if it had never been submitted. */
  const gone = async (id: string) => {
    const job = (await world.jobStore.read(id))!;
    return {
      ...job,
      state: 'cancelled' as const,
      endedAt: '2000-01-01T00:00:00.000Z',
      revision: job.revision + 1,
    };
  };

  it('is submitted, once', async () => {
    await world.append(boxesCsv(50, 2));
    await forget();
    expect(await open()).toEqual([]);
    expect(await world.follower.reconcile()).toHaveLength(1);
    expect(await world.follower.reconcile()).toEqual([]);
    await world.drain();
    expect(await world.follower.reconcile()).toEqual([]);
    await world.append(boxesCsv(50, 3));
    await forget();
    expect(await world.follower.reconcile()).toHaveLength(1);
  });

  it('is nothing where the last job refused, failed or was cancelled on this very data', async () => {
    await world.train();
    const hyperparameters = { ...BOXES_SPEC.hyperparameters, epochs: 1, learningRate: 1e-6 };
    await world.definitions.define({ ...BOXES_SPEC, hyperparameters }, 'boxes', { follow: true });
    expect((await world.train()).result.outcome).toBe('refused');
    expect(await world.follower.reconcile()).toEqual([]);

    await world.append(boxesCsv(50, 2));
    world.runner.train = () => Promise.reject(new Error('out of memory'));
    await world.drain().catch(() => undefined);
    expect(await world.follower.reconcile()).toEqual([]);

    await world.append(boxesCsv(50, 3));
    for (const { id } of await world.jobs.listOpen()) await world.jobs.cancel(id);
    expect(await world.follower.reconcile()).toEqual([]);
  });

  it('is nothing where there are no rows, no dataset, or no spec that can be read', async () => {
    await world.train();
    await world.datasets.define('empty', BOXES);
    const define = (name: string, dataset: string, spec = {}) =>
      world.definitions.define({ ...BOXES_SPEC, ...spec, name }, dataset, { follow: true });
    await define('a', 'empty');
    await define('b', 'nowhere');
    await define('c', 'boxes', { encoding: [] });
    expect(await world.follower.reconcile()).toEqual([]);
  });

  it('is nothing where a batch changes no weight: the same version came of it', async () => {
    await world.train();
    const { version } = (await world.train()).result;
    const { make } = world.maker;
    const { card: _, ...content } = await world.versions.describe('boxes', version);
    const { network } = (await world.registry.loadVersion('boxes', version)).version;
    world.maker.make = async (...args) => {
      const made = await make.apply(world.maker, args);
      return { ...made, ...content, network };
    };
    await world.append(boxesCsv(1, 2));
    await world.drain();
    const { items } = await world.jobs.list({ model: 'boxes' }, { limit: 1 });
    expect(items[0]!.result).toMatchObject({ version, lineage: { data: { rows: 201 } } });
    expect(await world.follower.reconcile()).toEqual([]);
  });
});
