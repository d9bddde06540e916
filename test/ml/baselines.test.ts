import { describe, expect, it } from '@jest/globals';
import { canSolve, constantModel, LinearBaseline } from '../../src/ml/baselines.js';
import { Encoder } from '../../src/ml/encoding/encoder.js';
import { createScore } from '../../src/ml/metrics/metrics.js';
import type { RegressionMetrics } from '../../src/ml/metrics/regression.js';
import type { RowBlock } from '../../src/ml/rows.js';
import type { Spec } from '../../src/ml/spec.js';
import { encodeTarget } from '../../src/ml/target.js';
import { fitEncoding } from './encoding/shapes.js';

const CATEGORIES = ['cork', 'oak'];

const SPEC: Spec = {
  name: 'boxes',
  title: 'Boxes',
  description: 'What a box weighs.',
  task: 'regression',
  features: [
    { name: 'side', kind: 'number' },
    { name: 'material', kind: 'category', categories: CATEGORIES },
  ],
  target: { name: 'weight' },
  encoding: [
    { encode: 'standard', feature: 'side' },
    { encode: 'oneHot', feature: 'material' },
  ],
  network: { hidden: [], activation: 'relu', members: 1 },
  hyperparameters: {
    epochs: 1,
    batchSize: 1,
    learningRate: 0.1,
    warmup: 0,
    beta2: 0.9,
    averaging: 0,
    validation: 0.1,
    patience: 1,
    loss: 'meanSquaredError',
    seed: 1,
  },
};

/** Boxes whose weight a formula gives. */
function boxes(count: number, weight: (side: number, material: number) => number): RowBlock {
  const rows = Array.from({ length: count }, (_, i) => [1 + (i % 37) / 10, i % 3 === 0 ? 1 : 0]);
  return {
    count,
    values: Float64Array.from(rows.flat()),
    targets: Float64Array.from(rows, ([side, material]) => weight(side!, material!)),
  };
}

async function linear(spec: Spec, training: RowBlock, test: RowBlock) {
  const encoding = fitEncoding(spec, training);
  const encoder = new Encoder(spec, encoding);
  const baseline = new LinearBaseline(encoder.width);
  const half = Math.floor(training.count / 2);
  const inputs = encoder.encodeRows(training);
  const targets = Float32Array.from(training.targets, (value) =>
    encodeTarget(spec, encoding, value),
  );
  baseline.add(inputs.subarray(0, half * encoder.width), targets.subarray(0, half));
  baseline.add(inputs.subarray(half * encoder.width), targets.subarray(half));
  const score = createScore(spec);
  const model = baseline.fit(spec, encoding);
  score.add(await model.predictRows(test.values, test.count), test.targets);
  return score.metrics() as RegressionMetrics;
}

describe('the constant baseline', () => {
  it('answers the same for every row', async () => {
    const median = constantModel(SPEC, [7]);
    expect([...(await median.predictRows(new Float64Array(6), 3))]).toEqual([7, 7, 7]);
    expect(await median.predict([{}, {}])).toEqual([{ value: 7 }, { value: 7 }]);
    const target = { name: 'material', classes: CATEGORIES };
    const prior = constantModel({ ...SPEC, task: 'classification', target }, [0.25, 0.75]);
    expect([...(await prior.predictRows(new Float64Array(4), 2))]).toEqual([
      0.25, 0.75, 0.25, 0.75,
    ]);
    expect(await prior.predict([{}])).toEqual([
      { label: 'oak', probabilities: { cork: 0.25, oak: 0.75 } },
    ]);
  });
});

describe('the linear baseline', () => {
  it('recovers a linear relation of numbers and categories', async () => {
    const rows = boxes(300, (side, material) => 5 + 2 * side - 3 * material);
    const { r2, mae } = await linear(SPEC, rows, rows);
    expect(r2).toBeGreaterThan(0.9999);
    // The ridge takes a thousandth or so; the targets reach over 10.
    expect(mae).toBeLessThan(0.01);
  });

  it('recovers a product of powers in logarithms', async () => {
    const rows = boxes(300, (side, material) => side ** 3 * (material === 1 ? 0.7 : 0.2));
    const spec: Spec = {
      ...SPEC,
      target: { name: 'weight', transform: 'log' },
      encoding: [
        { encode: 'log', powers: { side: 1 } },
        { encode: 'oneHot', feature: 'material' },
      ],
    };
    expect((await linear(spec, rows, rows)).r2).toBeGreaterThan(0.999);
    expect((await linear(SPEC, rows, rows)).r2).toBeLessThan(0.99);
  });

  it('is solved directly only where that takes seconds', () => {
    expect(canSolve(50_000, 300)).toBe(true);
    expect(canSolve(240, 2000)).toBe(true);
    expect(canSolve(240, 3300)).toBe(true);
    expect(canSolve(50_000, 2000)).toBe(false);
    expect(canSolve(100, 10_000)).toBe(false);
  });
});
