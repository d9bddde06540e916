import { describe, expect, it } from '@jest/globals';
import type { Model } from '../../src/ml/model.js';
import type { Conclusion, Preparer } from '../../src/prediction/port.js';
import { PredictionService } from '../../src/prediction/service.js';
import type { ServedModel, Serving, ServingService } from '../../src/serving/service.js';

const modelOf = (value: number): Model => ({
  outputs: 1,
  predict: async (instances) => instances.map(() => ({ value })),
  predictRows: (_values, count) => new Float64Array(count).fill(value),
});
const failing: Model = {
  ...modelOf(0),
  predict: () => Promise.reject(new Error('the endpoint is gone')),
};
const served = (id: string, model: Model) =>
  ({ version: { id, spec: { features: [] } }, model, engine: 'plan' }) as unknown as ServedModel;
const CHAMPION = served('old', modelOf(1));
const challenger = (model: Model, more: { share?: number; shadow?: boolean }) => ({
  ...served('new', model),
  share: 0,
  shadow: false,
  ...more,
});

/** Predicts with what serves, and keeps what was concluded. */
function serviceOf(
  serving: Serving,
  conclude = async (_: Conclusion) => {},
  preparers: Preparer[] = [],
) {
  const concluded: Exclude<Conclusion, { role: 'batch' }>[] = [];
  const registry = { serving: async () => serving } as unknown as ServingService;
  const service = new PredictionService(registry, {
    preparers,
    async conclude(conclusion) {
      await conclude(conclusion);
      if (conclusion.role !== 'batch') concluded.push(conclusion);
    },
  });
  return { concluded, predict: () => service.predict('any', [{}, {}], { requestId: 'r' }) };
}

describe('what concludes', () => {
  it.each([
    ['the champion', { champion: CHAMPION }, ['champion'], 'old'],
    [
      'a challenger that answers',
      { champion: CHAMPION, challenger: challenger(modelOf(2), { share: 1 }) },
      ['challenger'],
      'new',
    ],
    [
      'the champion where the challenger fails',
      { champion: CHAMPION, challenger: challenger(failing, { share: 1 }) },
      ['champion'],
      'old',
    ],
    [
      'the champion, then its shadow',
      { champion: CHAMPION, challenger: challenger(modelOf(2), { shadow: true }) },
      ['champion', 'shadow'],
      'old',
    ],
  ])('is given the predictions of %s', async (_what, serving, roles, version) => {
    const { concluded, predict } = serviceOf(serving);
    const answer = await predict();
    expect(answer.version).toBe(version);
    expect(concluded.map(({ role }) => role)).toEqual(roles);
    expect(concluded[0]).toMatchObject({ asked: { requestId: 'r' }, instances: [{}, {}] });
    const ids = answer.predictions.map(({ id }) => id);
    for (const { predictions } of concluded) expect(predictions.map(({ id }) => id)).toEqual(ids);
  });

  it('is awaited, and fails the request when it fails', async () => {
    const { concluded, predict } = serviceOf({ champion: CHAMPION }, async () => {
      throw new Error('nowhere to write');
    });
    await expect(predict()).rejects.toThrow('nowhere to write');
    expect(concluded).toEqual([]);
  });

  it('fails no request when it fails for a shadow', async () => {
    const shadowed = { champion: CHAMPION, challenger: challenger(modelOf(2), { shadow: true }) };
    const { concluded, predict } = serviceOf(shadowed, async ({ role }) => {
      if (role === 'shadow') throw new Error('nowhere to write');
    });
    expect(await predict()).toMatchObject({ version: 'old' });
    expect(concluded).toHaveLength(1);
  });

  it('is given instances as those that need it prepared them', async () => {
    const adding = (field: string, needs: boolean): Preparer => ({
      needs: () => needs,
      prepare: async (instances) => instances.map((each) => ({ ...(each as object), [field]: 1 })),
    });
    const preparers = [adding('a', true), adding('b', false), adding('c', true)];
    const { concluded, predict } = serviceOf({ champion: CHAMPION }, undefined, preparers);
    await predict();
    expect(concluded[0]!.instances).toEqual([
      { a: 1, c: 1 },
      { a: 1, c: 1 },
    ]);
  });
});
