import { describe, expect, it } from '@jest/globals';
import { linearBaseline, medianBaseline } from '../../src/ml/baselines.js';
import { Encoder } from '../../src/ml/encoding/encoder.js';
import { fitEncoding } from '../../src/ml/encoding/fit.js';
import type { Spec } from '../../src/ml/spec.js';
import { Table } from '../../src/ml/table.js';
import { encodeTarget } from '../../src/ml/target.js';

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
function boxes(rows: number, weight: (side: number, material: number) => number): Table {
  const side = Float64Array.from({ length: rows }, (_, i) => 1 + (i % 37) / 10);
  const material = Float64Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? 1 : 0));
  const target = side.map((length, i) => weight(length, material[i]!));
  return new Table(new Map(Object.entries({ side, material })), target);
}

function linear(spec: Spec, training: Table, test: Table) {
  const encoding = fitEncoding(spec, training);
  const task = {
    spec,
    encoding,
    inputs: new Encoder(spec, encoding).encodeTable(training),
    targets: Float32Array.from(training.target, (value) => encodeTarget(spec, encoding, value)),
  };
  return linearBaseline(spec, task, test);
}

describe('the median baseline', () => {
  it('answers the median of the training rows', () => {
    const columns = new Map<string, Float64Array>();
    const training = new Table(columns, Float64Array.of(100, 3, 1, 2, 4));
    const test = new Table(columns, Float64Array.of(1, 3, 8));
    expect(medianBaseline(training, test)).toMatchObject({ rows: 3, mae: (2 + 0 + 5) / 3 });
  });
});

describe('the linear baseline', () => {
  it('recovers a linear relation of numbers and categories', () => {
    const table = boxes(300, (side, material) => 5 + 2 * side - 3 * material);
    const { r2, mae } = linear(SPEC, table, table);
    expect(r2).toBeGreaterThan(0.9999);
    // The ridge takes a thousandth or so; the targets reach over 10.
    expect(mae).toBeLessThan(0.01);
  });

  it('recovers a product of powers in logarithms', () => {
    const table = boxes(300, (side, material) => side ** 3 * (material === 1 ? 0.7 : 0.2));
    const spec: Spec = {
      ...SPEC,
      target: { name: 'weight', transform: 'log' },
      encoding: [
        { encode: 'log', powers: { side: 1 } },
        { encode: 'oneHot', feature: 'material' },
      ],
    };
    expect(linear(spec, table, table).r2).toBeGreaterThan(0.999);
    expect(linear(SPEC, table, table).r2).toBeLessThan(0.99);
  });

  it('is beaten by nothing simpler on rows it has not seen', () => {
    const weight = (side: number, material: number) => 5 + 2 * side - 3 * material;
    const [training, test] = [boxes(200, weight), boxes(23, weight)];
    expect(linear(SPEC, training, test).mae).toBeLessThan(medianBaseline(training, test).mae / 50);
  });
});
