import { describe, expect, it } from '@jest/globals';
import type { TrainingTask } from '../../../src/ml/trainer/trainer.js';
import type { TrainingRunner } from '../../../src/training/port.js';
import { searchHyperparameters, type Trial } from '../../../src/training/search/search.js';
import { drawCandidates } from '../../../src/training/search/space.js';
import { BOXES, BOXES_SPEC, boxesCsv, newTrainingWorld } from '../../support/training.js';

const SPEC = {
  ...BOXES_SPEC,
  network: { ...BOXES_SPEC.network, dropout: 0.1 },
  hyperparameters: { ...BOXES_SPEC.hyperparameters, weightDecay: 0.01, epochs: 27 },
};
const ROWS = { width: 3, count: 100 };

/** Searches where training answers what `error` says of a learning rate and a number of epochs. */
async function search(
  trials: number,
  seed: number,
  error: (rate: number, epochs: number) => number,
) {
  const told: Trial[] = [];
  const fractions: number[] = [];
  const members: number[] = [];
  const runner = {
    async train({ spec: { network, hyperparameters } }: TrainingTask) {
      members.push(network.members);
      return [{ validation: error(hyperparameters.learningRate, hyperparameters.epochs) }];
    },
  } as unknown as TrainingRunner;
  const task = { spec: SPEC, encoding: {} } as TrainingTask;
  const found = await searchHyperparameters(
    task,
    ROWS,
    runner,
    { trials, seed },
    (trial, fraction) => {
      told.push(trial);
      fractions.push(fraction);
    },
  );
  return { ...found, told, fractions, members };
}
const bestRate = (rate: number) => Math.abs(Math.log(rate / 0.1));

describe('a search for hyperparameters', () => {
  it('gives all trials few epochs, and the best third of them three times as many', async () => {
    const { told, fractions, members, summary } = await search(9, 1, bestRate);
    const rounds = [3, 9, 27].map((epochs) => told.filter((trial) => trial.epochs === epochs));
    expect(rounds.map(({ length }) => length)).toEqual([9, 4, 2]);
    for (const round of rounds) expect(round.map(({ trial }) => trial)).toContain(0);
    expect(new Set(members)).toEqual(new Set([1]));
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(summary.trials).toHaveLength(9);
  });

  it.each([2, 3, 4, 8, 27])('of %i trials finds none that is worse than the given', async (n) => {
    const { summary, spec } = await search(n, n, bestRate);
    const scoreOf = (trial: number) =>
      summary.trials.find((each) => each.trial === trial)!.validation!;
    expect(scoreOf(summary.best)).toBeLessThanOrEqual(scoreOf(0));
    expect(bestRate(spec.hyperparameters.learningRate)).toBe(scoreOf(summary.best));
    expect(spec.hyperparameters.epochs).toBe(27);
  });

  it('stays with what is given when nothing is better, or diverges', async () => {
    expect((await search(9, 1, () => 1)).spec).toEqual(SPEC);
    const { summary } = await search(9, 1, (rate) => (rate === 0.03 ? 1 : Number.NaN));
    expect([
      summary.best,
      summary.trials.filter(({ validation }) => validation === undefined).length,
    ]).toEqual([0, 8]);
  });

  it('takes the same from the same seed, and what is drawn does not depend on how many', async () => {
    const first = await search(9, 4, bestRate);
    expect(await search(9, 4, bestRate)).toEqual(first);
    expect((await search(9, 5, bestRate)).told).not.toEqual(first.told);
    expect(drawCandidates(SPEC, 30, 4).slice(0, 9)).toEqual(drawCandidates(SPEC, 9, 4));
  });

  it('draws within its bounds, and only what the spec has', () => {
    const drawn = drawCandidates(SPEC, 500, 3).slice(1);
    const range = (of: (c: (typeof drawn)[number]) => number) => {
      const all = drawn.map(of);
      return [Math.min(...all), Math.max(...all)] as const;
    };
    const [low, high] = range(({ learningRate }) => learningRate);
    expect([low, high].map((rate) => rate / 0.03)).toEqual([
      expect.closeTo(0.2, 1),
      expect.closeTo(5, 0),
    ]);
    expect(new Set(drawn.map(({ batchSize }) => batchSize))).toEqual(new Set([8, 16, 32]));
    expect(range(({ hidden }) => hidden.length)).toEqual([1, 2]);
    expect(range(({ hidden }) => hidden[0]!)).toEqual([8, 16]);
    expect(range(({ dropout }) => dropout!)[1]).toBeLessThanOrEqual(0.3);
    expect(Object.keys(drawCandidates(BOXES_SPEC, 2, 1)[1]!)).toEqual([
      'learningRate',
      'batchSize',
      'hidden',
    ]);
  });

  it('trains the best in full, reports all trials, and is reused when a batch arrives', async () => {
    const world = await newTrainingWorld();
    try {
      await world.datasets.define('boxes', BOXES);
      await world.append(boxesCsv(200));
      await world.definitions.define(BOXES_SPEC, 'boxes', { follow: true });
      const first = (await world.train({ reason: 'fit', search: { trials: 4, seed: 2 } })).result;
      expect(first.search!.trials).toHaveLength(4);
      expect(first.lineage.search).toEqual({ trials: 4, seed: 2 });
      const { card, spec } = await world.versions.describe('boxes', first.version);
      expect(card.search).toEqual(first.search);
      const best = first.search!.trials.find(({ trial }) => trial === first.search!.best)!;
      expect(spec.hyperparameters).toMatchObject({
        learningRate: best.hyperparameters.learningRate,
        epochs: 8,
      });
      expect((await world.train({ search: { trials: 4, seed: 2 } })).result.outcome).toBe(
        'unchanged',
      );
      expect((await world.train({ reason: 'arrival' })).result.outcome).toBe('unchanged');

      await world.append(boxesCsv(100, 2));
      await world.drain();
      const [job] = (await world.jobs.list({ model: 'boxes' }, { limit: 1 })).items;
      const { version } = job!.result as { version: string };
      expect(version).not.toBe(first.version);
      expect((await world.versions.describe('boxes', version)).spec).toEqual(spec);
    } finally {
      await world.remove();
    }
  });
});
