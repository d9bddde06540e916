import { describe, expect, test } from '@jest/globals';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { compilePlan, runAll } from '../../../src/ml/plan/plan.js';
import {
  artifactOf,
  disagreement,
  network,
  randomise,
  randomNumbers,
  tf,
  tfl,
} from './networks.js';

const PARITY = 2e-6;
const ACTIVATIONS = [
  'linear',
  'relu',
  'relu6',
  'elu',
  'selu',
  'sigmoid',
  'hardSigmoid',
  'tanh',
  'softplus',
  'softsign',
  'swish',
  'mish',
  'gelu',
  'softmax',
] as const;
type Name = 'relu';

const dense = (units: number, activation: string = 'linear', useBias = true) =>
  tfl.layers.dense({ units, activation: activation as Name, useBias });
type Layer = Pick<ReturnType<typeof dense>, 'apply'>;
const apply = (layer: Layer, input: SymbolicTensor | SymbolicTensor[]) =>
  layer.apply(input) as SymbolicTensor;

describe('a dense network gives what TensorFlow.js gives', () => {
  const width = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 12, 17, 32, 33);
  const layer = fc.record({
    units: width,
    activation: fc.constantFrom(...ACTIVATIONS),
    useBias: fc.boolean(),
  });
  test('of any widths, activations and number of rows', async () => {
    const any = fc.asyncProperty(
      width,
      fc.array(layer, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(1, 2, 3, 4, 5, 63, 64, 65, 130),
      fc.nat(),
      async (inputs, tower, rows, seed) => {
        const model = network(inputs, (input) =>
          tower.reduce((x, { units, activation, useBias }) => {
            return apply(dense(units, activation, useBias), x);
          }, input),
        );
        expect(await disagreement(randomise(model, seed), rows, seed)).toBeLessThan(PARITY);
      },
    );
    await fc.assert(any, { seed: 20, numRuns: 60 });
  });

  test.each(ACTIVATIONS)('%s, at the ends of its range too', async (activation) => {
    const model = tfl.sequential({
      layers: [tfl.layers.activation({ activation: activation as Name, inputShape: [1000] })],
    });
    const inputs = randomNumbers(1000, 5).map((value) => Math.sign(value) * 10 ** (value * 2));
    const expected = tf.tidy(() =>
      (model.predict(tf.tensor2d(inputs, [1, 1000])) as Tensor).dataSync(),
    );
    const actual = runAll(compilePlan(await artifactOf(model)), inputs);
    inputs.forEach((_, i) => {
      const scale = Math.max(1, Math.abs(expected[i]!));
      expect(Math.abs(actual[i]! - expected[i]!) / scale).toBeLessThan(1e-6);
    });
  });
});

describe('layers other than dense', () => {
  test('batch normalisation: after a product, after an activation, first of all, and read twice', async () => {
    const norm = () => tfl.layers.batchNormalization();
    const bare = () => tfl.layers.batchNormalization({ scale: false, center: false, epsilon: 0.1 });
    const model = network(5, (input) => {
      const product = apply(dense(7), apply(norm(), input));
      const first = apply(norm(), product);
      const second = apply(bare(), apply(dense(7, 'relu'), first));
      const folded = apply(norm(), apply(dense(7), second));
      return apply(tfl.layers.add(), [product, first, folded]);
    });
    expect(await disagreement(randomise(model, 3), 70)).toBeLessThan(PARITY);
  });

  test('joins: of branches, of one value with itself, and of the input', async () => {
    const model = network(6, (input) => {
      const a = apply(dense(6, 'swish'), input);
      const b = apply(dense(6, 'tanh'), input);
      const sum = apply(tfl.layers.add(), [a, input, b]);
      const product = apply(tfl.layers.multiply(), [sum, sum]);
      const mean = apply(tfl.layers.average(), [input, product, b]);
      const all = apply(tfl.layers.concatenate(), [mean, input, a]);
      return apply(dense(3, 'softmax'), all);
    });
    expect(await disagreement(randomise(model, 4), 66)).toBeLessThan(PARITY);
  });

  test('an ensemble of models inside a model, and a layer called twice', async () => {
    const shared = dense(5, 'swish');
    const member = () =>
      tfl.sequential({ layers: [tfl.layers.dense({ units: 9, inputShape: [5] }), dense(1)] });
    const model = network(5, (input) => {
      const twice = apply(shared, apply(shared, input));
      const members = [member(), member(), member()];
      return apply(
        tfl.layers.average(),
        members.map((each) => each.apply(twice) as SymbolicTensor),
      );
    });
    expect(await disagreement(randomise(model, 5), 10)).toBeLessThan(PARITY);
  });

  test('several inputs, one of them embedded', async () => {
    const numbers = tfl.input({ shape: [3] });
    const category = tfl.input({ shape: [1] });
    const vector = tfl.layers.embedding({ inputDim: 4, outputDim: 5 }).apply(category);
    const flat = tfl.layers.flatten().apply(vector) as SymbolicTensor;
    const joined = apply(tfl.layers.concatenate(), [numbers, flat]);
    const model = tfl.model({ inputs: [numbers, category], outputs: apply(dense(2), joined) });
    const plan = compilePlan(await artifactOf(randomise(model, 6)));
    const rows = Float32Array.of(0.5, -1, 2, 3, 0.25, 1, 4, 0);
    const matrix = tf.tensor2d(rows, [2, 4]);
    const expected = (model.predict(tf.split(matrix, [3, 1], 1)) as Tensor).dataSync();
    runAll(plan, rows).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
  });

  test('activations as layers, training-only layers and mere reshaping', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.dense({ units: 12, inputShape: [3] }),
        tfl.layers.leakyReLU({ alpha: 0.2 }),
        tfl.layers.dropout({ rate: 0.5 }),
        tfl.layers.reshape({ targetShape: [3, 4] }),
        tfl.layers.elu(),
        tfl.layers.flatten(),
        tfl.layers.gaussianNoise({ stddev: 1 }),
        tfl.layers.reLU({ maxValue: 0.5 }),
        tfl.layers.softmax(),
      ],
    });
    expect(await disagreement(randomise(model, 7), 9)).toBeLessThan(PARITY);
  });
});

describe('a run', () => {
  test('takes 1 row to its capacity', async () => {
    const plan = compilePlan(await artifactOf(network(2, (input) => apply(dense(3), input))));
    expect(plan).toMatchObject({ inputSize: 2, outputSize: 3 });
    expect(plan.run(plan.capacity)).toHaveLength(3 * plan.capacity);
    for (const rows of [0, -1, 1.5, Number.NaN, plan.capacity + 1]) {
      expect(() => plan.run(rows)).toThrow(RangeError);
    }
    expect(() => runAll(plan, new Float32Array(3))).toThrow('3 floats cannot be rows of 2');
  });

  test('passes a NaN on, and keeps it from other rows', async () => {
    const plan = compilePlan(
      await artifactOf(network(2, (input) => apply(dense(1), apply(dense(3, 'swish'), input)))),
    );
    const [broken, sound] = runAll(plan, Float32Array.of(Number.NaN, 1, 2, 3));
    expect(broken).toBeNaN();
    expect(Number.isFinite(sound)).toBe(true);
  });
});
