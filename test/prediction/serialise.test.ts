import { describe, expect, it } from '@jest/globals';
import { Check } from 'typebox/value';
import { PredictionResponse } from '../../src/prediction/schema.js';
import { serialisePredictions } from '../../src/prediction/serialise.js';
import type { Prediction, Predictions } from '../../src/prediction/service.js';
import { DIAMOND, testApp } from '../support/app.js';

/** Has every field: one that is added to the type and not here does not compile. */
const WHOLE: Required<Prediction> = {
  id: '0192f0c1-7d3e-7000-8000-000000000000',
  value: 351.5,
  label: 'a "quoted" label',
  probabilities: { a: 0.25, b: 0.75 },
  warnings: [{ field: 'carat', code: 'outside_training_range', message: 'is outside' }],
};
const ANSWER: Required<Predictions> = {
  model: 'diamonds',
  version: 'e6f9da8773a13904',
  predictions: [],
};
const of = (...predictions: Prediction[]): Predictions => ({ ...ANSWER, predictions });
const { id, value } = WHOLE;

describe('the answer of a prediction', () => {
  it('has in its schema what the service has', () => {
    const { properties } = PredictionResponse;
    expect(Object.keys(properties)).toEqual(Object.keys(ANSWER));
    expect(Object.keys(properties.predictions.items.properties)).toEqual(Object.keys(WHOLE));
    const { code } = properties.predictions.items.properties.warnings.items.properties;
    expect(Check(code, 'pixels_zero_to_one')).toBe(true);
  });

  it.each<[string, Prediction]>([
    ['a value', { id, value }],
    ['a value of 0', { id, value: 0 }],
    ['a tiny value', { id, value: 1e-300 }],
    ['everything', WHOLE],
    ['a class', { id, label: 'a', probabilities: { a: 1 } }],
    ...Object.entries(WHOLE).map(([name, one]): [string, Prediction] => [
      `a value, and ${name}`,
      { id, value, [name]: one },
    ]),
  ])('is written with each of its fields: %s', (_what, prediction) => {
    const written: unknown = JSON.parse(serialisePredictions(of(prediction, prediction)));
    expect(written).toEqual(of(prediction, prediction));
    expect(Check(PredictionResponse, written)).toBe(true);
  });

  it('is written with fields that are yet to come', () => {
    const later = { ...of({ id, value, interval: [1, 2] } as Prediction), alias: 'champion' };
    expect(JSON.parse(serialisePredictions(later))).toEqual(later);
  });

  it('is what the service answered, for every kind of model', async () => {
    const { app, dependencies, registry } = testApp();
    const carat = { ...DIAMOND, carat: 20 };
    const { instance } = (await registry.champion('digits')).version.examples[0]!;
    const faint = { image: (instance.image as number[][]).map((row) => row.map((x) => x / 255)) };
    for (const [model, instances] of [
      ['diamonds', [DIAMOND, carat]],
      ['digits', [instance, faint]],
    ] as const) {
      const served = await dependencies.predictions.predict(model, [...instances]);
      const answer = await app.inject({
        method: 'POST',
        url: `/models/${model}/predictions`,
        payload: { instances },
      });
      const withoutIds = ({ predictions, ...rest }: Predictions) => ({
        ...rest,
        predictions: predictions.map(({ id: _own, ...prediction }) => prediction),
      });
      expect(withoutIds(answer.json())).toEqual(withoutIds(served));
      expect(Check(PredictionResponse, answer.json())).toBe(true);
      expect(answer.json().predictions[0]).not.toHaveProperty('warnings');
      expect(answer.json().predictions[1].warnings).toHaveLength(1);
    }
    await app.close();
  });
});
