import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LapidaryError } from '../../src/core/errors.js';
import { CHAMPION } from '../../src/serving/service.js';
import { Workbench } from '../../src/training/workbench.js';
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
  await world.definitions.define(BOXES_SPEC, 'boxes', { follow: false });
});
afterEach(() => world.remove());

const logOf = async (id: string) =>
  (await world.jobs.log(id, { limit: 100 })).items.map(({ message }) => message).join('\n');

describe('a training job', () => {
  it('makes the first version the champion, and records its lineage', async () => {
    const remarks = ['nr: left out: it counts the rows'];
    const { job, result } = await world.train({ reason: 'fit', remarks });
    expect(job).toMatchObject({ state: 'succeeded', metrics: { mae: expect.any(Number) } });
    expect(result).toMatchObject({
      outcome: 'promoted',
      decision: { metric: 'mae', tolerance: 0.01, reason: 'there was no champion' },
      lineage: { data: { dataset: 'boxes', rows: 200 }, seed: 7 },
    });
    expect(await world.champion()).toBe(result.version);
    const { card } = await world.versions.describe('boxes', result.version);
    expect(card.lineage).toEqual(result.lineage);
    expect(card.metrics!.test).toMatchObject({ mae: result.decision!.candidate });
    expect(await logOf(job.id)).toMatch(
      /nr: left out[\s\S]*rows to train on[\s\S]*member 1 epoch 1 of 8: loss [\s\S]*epoch 8 of 8: loss[\s\S]*is promoted/,
    );
    expect(world.runner.released).toBe(1);
  });

  it('fails at its time limit, with the remedy', async () => {
    await world.remove();
    world = await newTrainingWorld(0);
    await world.datasets.define('boxes', BOXES);
    await world.append(boxesCsv(200));
    await world.definitions.define(BOXES_SPEC, 'boxes', { follow: false });
    expect((await world.train()).job).toMatchObject({
      state: 'failed',
      error: { code: 'job_too_long', detail: expect.stringContaining('TRAINING_MAX_S') },
    });
  });

  it('has the same limit where it is no job, as on the command line', async () => {
    const { definitions, registry, versions, maker } = world;
    const training = new Workbench(definitions, registry, versions, maker, 0);
    await expect(training.train('boxes', () => {})).rejects.toMatchObject({ code: 'job_too_long' });
    expect(await registry.models()).toEqual([]);
  });

  it('fails as diverged when no weights ever answered in numbers, and keeps no version', async () => {
    const hyperparameters = { ...BOXES_SPEC.hyperparameters, learningRate: 1e30, patience: 3 };
    await world.definitions.define({ ...BOXES_SPEC, hyperparameters }, 'boxes', { follow: false });
    expect((await world.train()).job).toMatchObject({
      state: 'failed',
      error: { code: 'training_diverged', detail: expect.stringContaining('lower learningRate') },
    });
    expect(await world.versions.records('boxes')).toEqual([]);
    expect(world.runner.released).toBe(1);
  });

  it('does nothing when data and spec are the same', async () => {
    const first = (await world.train()).result;
    const { result } = await world.train({ reason: 'arrival' });
    expect(result).toEqual({
      outcome: 'unchanged',
      version: first.version,
      lineage: first.lineage,
    });
    expect(world.runner.trainings).toBe(1);
  });

  it('trains again when a batch has arrived, or the spec has changed', async () => {
    const first = (await world.train()).result;
    await world.append(boxesCsv(300, 2));
    const second = (await world.train({ reason: 'arrival' })).result;
    expect(second.lineage.data.batches).toHaveLength(2);
    expect(second.lineage.data.batches![0]).toBe(first.lineage.data.batches![0]);
    expect(second.decision).toMatchObject({ against: first.version, champion: expect.any(Number) });
    const network = { ...BOXES_SPEC.network, hidden: [12] };
    await world.definitions.define({ ...BOXES_SPEC, network }, 'boxes', { follow: false });
    const third = (await world.train({ reason: 'fit' })).result;
    expect(third.lineage.spec).not.toBe(second.lineage.spec);
    expect(new Set([first.version, second.version, third.version]).size).toBe(3);
  });

  it('keeps a version that the gate refuses, and does not train it again', async () => {
    const first = (await world.train()).result;
    const hyperparameters = { ...BOXES_SPEC.hyperparameters, epochs: 1, learningRate: 1e-6 };
    await world.definitions.define({ ...BOXES_SPEC, hyperparameters }, 'boxes', { follow: false });
    const { job, result } = await world.train();
    expect(result).toMatchObject({ outcome: 'refused', decision: { against: first.version } });
    expect(result.decision!.candidate).toBeGreaterThan(1.01 * result.decision!.champion!);
    expect(await world.champion()).toBe(first.version);
    expect(await logOf(job.id)).toMatch(/is refused: mae .*; the limit is/);
    expect((await world.train()).result).toMatchObject({
      outcome: 'unchanged',
      version: result.version,
    });
    expect(world.runner.trainings).toBe(2);
    await world.definitions.define({ ...BOXES_SPEC, hyperparameters }, 'boxes', {
      follow: false,
      gate: { tolerance: 1e6 },
    });
    await world.append(boxesCsv(50, 9));
    expect((await world.train()).result.outcome).toBe('promoted');
  });

  it('judges what a crash left unjudged, without training it again', async () => {
    const first = (await world.train()).result;
    await world.append(boxesCsv(600, 3));
    const { judge } = await unjudged();
    await judge();
    const { result } = await world.train();
    expect(result.outcome).not.toBe('unchanged');
    expect(result.decision!.against).toBe(first.version);
    expect(world.runner.trainings).toBe(2);
  });

  it('promotes what a crash left without any champion', async () => {
    const { judge } = await unjudged();
    await judge();
    expect(await world.registry.models()).toEqual([]);
    const { result } = await world.train();
    expect(result).toMatchObject({ outcome: 'promoted' });
    expect(await world.champion()).toBe(result.version);
    expect(world.runner.trainings).toBe(1);
  });

  it('does not bring back what was promoted once and rolled back', async () => {
    const first = (await world.train()).result;
    await world.append(boxesCsv(600, 3));
    const second = (await world.train()).result;
    expect(second.outcome).toBe('promoted');
    await world.versions.rollback('boxes', CHAMPION);
    expect((await world.train()).result).toMatchObject({ outcome: 'unchanged' });
    expect(await world.champion()).toBe(first.version);
  });

  it('stops when it is cancelled, and leaves nothing', async () => {
    const { id } = await world.order();
    const { train } = world.runner;
    world.runner.train = async (task, rows, onEpoch, signal) => {
      await world.jobs.cancel(id);
      // The next heartbeat hears of it.
      await once(signal as EventTarget, 'abort');
      return train.call(world.runner, task, rows, onEpoch, signal);
    };
    while (await world.worker.runNext());
    expect((await world.jobs.get(id)).state).toBe('cancelled');
    expect(await world.versions.records('boxes')).toEqual([]);
    expect(world.runner.released).toBe(1);
  });

  it('fails with the reason when the model is gone', async () => {
    await world.definitions.remove('boxes');
    const { job } = await world.train();
    expect(job).toMatchObject({ state: 'failed', error: { code: 'model_not_found' } });
  });

  it('leaves nothing of a model that is removed meanwhile', async () => {
    const { train } = world.runner;
    world.runner.train = async (...args) => {
      await world.definitions.remove('boxes');
      return train.apply(world.runner, args);
    };
    const { job } = await world.train();
    expect(job.error!.code).toBe('model_not_found');
    expect(await world.versions.records('boxes')).toEqual([]);
  });

  /** A job whose worker dies after the version was kept. */
  async function unjudged() {
    const { promote, championHistory } = world.versions;
    return {
      async judge() {
        world.versions.promote = () => Promise.reject(new Error('power cut'));
        world.versions.championHistory = () => Promise.reject(new Error('power cut'));
        const { id } = await world.order();
        while (await world.worker.runNext());
        expect((await world.jobs.get(id)).state).toBe('failed');
        world.failures.length = 0;
        world.versions.promote = promote;
        world.versions.championHistory = championHistory;
      },
    };
  }
});

describe('the gate', () => {
  it('decides again when the champion was moved meanwhile', async () => {
    const first = (await world.train()).result;
    await world.append(boxesCsv(600, 3));
    const { promote } = world.versions;
    const asked: unknown[] = [];
    world.versions.promote = async (model, alias, target, expected) => {
      asked.push(expected);
      if (asked.length === 1) throw new LapidaryError('version_conflict', 'moved');
      return promote.call(world.versions, model, alias, target, expected);
    };
    const { result } = await world.train();
    expect([result.outcome, asked]).toEqual(['promoted', [first.version, first.version]]);
  });

  it.each([
    [
      'another target',
      { target: { name: 'side' }, features: [BOXES_SPEC.features[1]!] },
      [{ encode: 'oneHot' as const, feature: 'material' }],
      'the champion predicts something else',
    ],
  ])('lets pass what has %s than the champion', async (_what, change, encoding, reason) => {
    await world.train();
    await world.definitions.define({ ...BOXES_SPEC, ...change, encoding }, 'boxes', {
      follow: false,
    });
    expect((await world.train()).result).toMatchObject({
      outcome: 'promoted',
      decision: { reason },
    });
  });

  it('lets pass what follows a champion that the data has no columns for', async () => {
    const first = (await world.train()).result;
    const features = [BOXES.features[1]!];
    await world.datasets.define('boxes', { ...BOXES, features });
    await world.definitions.define(
      { ...BOXES_SPEC, features, encoding: [BOXES_SPEC.encoding[1]!] },
      'boxes',
      { follow: false },
    );
    const { decision, outcome } = (await world.train()).result;
    expect([outcome, decision!.against]).toEqual(['promoted', first.version]);
    expect(decision!.reason).toMatch(/cannot be scored on this data: .*column not found: side/);
  });
});
