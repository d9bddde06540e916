import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { loadTensorFlow } from '../../../src/ml/tensorflow/backend.js';
import { randomNumbers } from '../plan/networks.js';

const { tf, layers } = await loadTensorFlow('wasm');

beforeAll(() => {
  // Else the cpu backend advises, loudly, to install another one.
  tf.env().set('PROD', true);
});

const side = fc.integer({ min: 1, max: 9 });
const pair = (max: number) => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));
const channels = fc.constantFrom(1, 2, 3, 4, 5, 8, 12);

/** What a function of tensors answers on a backend, and its gradients by each of them. */
async function gradients(
  backend: 'cpu' | 'wasm',
  values: { shape: number[]; seed: number }[],
  compute: (...inputs: Tensor4D[]) => Tensor,
): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  return tf.tidy(() => {
    const inputs = values.map(({ shape, seed }) => {
      const size = shape.reduce((product, length) => product * length, 1);
      return tf.tensor4d(randomNumbers(size, seed), shape as [number, number, number, number]);
    });
    const output = compute(...inputs);
    // Slopes that differ from pixel to pixel, so that none is mistaken for another.
    const slope = tf.tensor(randomNumbers(output.size, 99), output.shape);
    const slopes = tf.grads((...all: Tensor[]) => compute(...(all as Tensor4D[])))(inputs, slope);
    return [output, ...slopes].map((tensor) => tensor.dataSync().slice() as Float32Array);
  });
}

async function expectAgreement(
  ...task: Parameters<typeof gradients> extends [unknown, ...infer Rest] ? Rest : never
) {
  const expected = await gradients('cpu', ...task);
  const actual = await gradients('wasm', ...task);
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  for (const [i, values] of actual.entries()) {
    const scale = Math.max(1, ...expected[i]!.map(Math.abs));
    const wrong = values.findIndex(
      (value, j) => !(Math.abs(value - expected[i]![j]!) <= 1e-5 * scale),
    );
    expect(wrong).toBe(-1);
  }
}

describe('on the portable backend', () => {
  test('convolutions of any shape, stride and padding have the gradients that they have in JavaScript', async () => {
    const any = fc.asyncProperty(
      fc.record({
        images: fc.integer({ min: 1, max: 3 }),
        size: fc.tuple(side, side),
        inputs: channels,
        outputs: channels,
        filter: pair(5),
        strides: pair(3),
        padding: fc.constantFrom('valid' as const, 'same' as const),
        seed: fc.nat(),
      }),
      async ({ images, size, inputs, outputs, filter, strides, padding, seed }) => {
        const fits = filter[0] <= size[0] && filter[1] <= size[1];
        await expectAgreement(
          [
            { shape: [images, ...size, inputs], seed },
            { shape: [...filter, inputs, outputs], seed: seed + 1 },
          ],
          (x, weights) => tf.conv2d(x!, weights!, strides, fits ? padding : 'same'),
        );
      },
    );
    await fc.assert(any, { seed: 28, numRuns: 200 });
  }, 60_000);

  test('a stride longer than the filter does not give zeros, nor does an explicit padding', async () => {
    const x = { shape: [2, 6, 5, 3], seed: 1 };
    const filter = { shape: [1, 2, 3, 4], seed: 2 };
    await expectAgreement([x, filter], (a, b) => tf.conv2d(a!, b!, 2, 'valid'));
    await expectAgreement([x, { ...filter, shape: [3, 3, 3, 4] }], (a, b) =>
      tf.conv2d(a!, b!, 1, 1),
    );
  });

  test('a dilated convolution is one, though without gradients', async () => {
    const x = tf.tensor(randomNumbers(2 * 7 * 7 * 3, 1), [2, 7, 7, 3]) as Tensor4D;
    const filter = tf.tensor(randomNumbers(9 * 3 * 5, 2), [3, 3, 3, 5]) as Tensor4D;
    const run = () => tf.conv2d(x, filter, 1, 'same', 'NHWC', 2).dataSync();
    await tf.setBackend('wasm');
    const actual = run();
    await tf.setBackend('cpu');
    run().forEach((value, i) => {
      expect(actual[i]).toBeCloseTo(value, 4);
    });
  });

  test('poolings have the gradients that they have in JavaScript', async () => {
    const any = fc.asyncProperty(
      fc.tuple(fc.integer({ min: 4, max: 9 }), fc.integer({ min: 4, max: 9 })),
      channels,
      pair(4),
      pair(3),
      fc.constantFrom('valid' as const, 'same' as const),
      fc.boolean(),
      fc.nat(),
      async (size, depth, window, strides, padding, isMax, seed) => {
        const pool = isMax ? tf.maxPool : tf.avgPool;
        await expectAgreement([{ shape: [2, ...size, depth], seed }], (x) =>
          pool(x!, window, strides, padding),
        );
      },
    );
    await fc.assert(any, { seed: 28, numRuns: 100 });
  }, 60_000);
});

test('a network of every such layer learns, and leaves no tensors behind', async () => {
  await tf.setBackend('wasm');
  const model = layers.sequential({
    layers: [
      layers.layers.conv2d({
        filters: 6,
        kernelSize: 3,
        activation: 'relu',
        inputShape: [9, 9, 1],
      }),
      layers.layers.maxPooling2d({ poolSize: 2 }),
      layers.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', strides: 2 }),
      layers.layers.averagePooling2d({ poolSize: 2 }),
      layers.layers.flatten(),
      layers.layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
  // Whether the upper or the lower half is the brighter one.
  const x = tf.tensor(randomNumbers(64 * 81, 3), [64, 9, 9, 1]) as Tensor4D;
  const halves = tf.tidy(() =>
    tf.mean(tf.sub(tf.slice(x, [0, 5], [64, 4]), tf.slice(x, [0, 0], [64, 4])), [1, 2, 3]),
  );
  const labels = tf.oneHot(tf.cast(tf.greater(halves, 0), 'int32'), 2);
  const optimizer = tf.train.adam(0.02);
  const step = () =>
    tf.tidy(
      () =>
        optimizer
          .minimize(() => {
            const output = model.apply(x, { training: true }) as Tensor;
            return tf.losses.softmaxCrossEntropy(labels, tf.log(output)) as Scalar;
          }, true)!
          .dataSync()[0]!,
    );
  const first = step();
  const before = tf.memory();
  let last = first;
  for (let i = 0; i < 40; i++) last = step();
  expect(last).toBeLessThan(first / 2);
  expect(tf.memory()).toMatchObject({
    numTensors: before.numTensors,
    numBytes: before.numBytes,
  });
});
