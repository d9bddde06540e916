import { describe, expect, test } from '@jest/globals';
import type { Scalar, Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import { loadTensorFlow } from '../../../src/ml/tensorflow/backend.js';

const { tf, layers, backend, version } = await loadTensorFlow('wasm');

/** Numbers of either sign that look irregular, and are the same every time. */
function matrix(rows: number, columns: number, seed: number): Tensor2D {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 12.9 + seed));
  return tf.tensor2d(values, [rows, columns]);
}

function expectClose(actual: Tensor, expected: ArrayLike<number>): void {
  const values = actual.dataSync();
  expect(values).toHaveLength(expected.length);
  const wrong = values.findIndex(
    (value, i) => !(Math.abs(value - expected[i]!) <= 1e-5 * Math.max(1, Math.abs(expected[i]!))),
  );
  expect(wrong).toBe(-1);
}

test('the portable backend is there, with its version', () => {
  expect(backend).toBe('wasm');
  expect(version).toMatch(/^4\./);
  expect(tf.getBackend()).toBe('wasm');
  expect(layers.version_layers).toBe(version);
});

test('a second call gives the same instance', async () => {
  expect((await loadTensorFlow()).tf).toBe(tf);
});

describe('the replaced kernels', () => {
  test.each([
    [5, 3, 7],
    [512, 28, 128],
    [16, 64, 1],
    [1, 4, 8],
  ])('multiply %i x %i with x %i, transposed or not', (m, k, n) => {
    const a = matrix(m, k, 1);
    const b = matrix(k, n, 2);
    const [x, y] = [a.dataSync(), b.dataSync()];
    const expected = Float64Array.from({ length: m * n }, (_, i) => {
      const row = Math.floor(i / n);
      let sum = 0;
      for (let j = 0; j < k; j++) sum += x[row * k + j]! * y[j * n + (i % n)]!;
      return sum;
    });
    const [at, bt] = [tf.transpose(a), tf.transpose(b)];
    expectClose(tf.matMul(a, b), expected);
    expectClose(tf.matMul(at, b, true, false), expected);
    expectClose(tf.matMul(a, bt, false, true), expected);
    expectClose(tf.matMul(at, bt, true, true), expected);
  });

  test('multiply batches, one of them shared', () => {
    const a = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
    const b = tf.tensor3d([1, 10, 100, 1000], [1, 2, 2]);
    expectClose(tf.matMul(a, b, true, true), [31, 3100, 42, 4200, 75, 7500, 86, 8600]);
  });

  test.each([
    [[3], [0], 3],
    [[100, 7], [0], 7],
    [[5, 3, 2, 9], [0, 1, 2], 9],
    [[5, 3, 2, 9], [2, 1, 0], 9],
    [[4, 3, 6], [0], 18],
    [[4, 3, 6], [1], 24],
    [[4, 3, 6], [0, 2], 3],
  ])('add up %j over the axes %j', (shape, axes, left) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const x = tf.reshape(matrix(1, size, 3), shape);
    const sum = tf.sum(x, axes);
    const kept = tf.sum(x, axes, true);
    const expected = shape.length === 1 ? [0] : new Array<number>(left).fill(0);
    const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
    x.dataSync().forEach((value, i) => {
      let to = 0;
      shape.forEach((length, axis) => {
        if (!axes.includes(axis)) to = to * length + (Math.floor(i / strides[axis]!) % length);
      });
      expected[to] = expected[to]! + value;
    });
    expectClose(sum, expected);
    expectClose(kept, expected);
    expect(kept.shape).toEqual(shape.map((length, axis) => (axes.includes(axis) ? 1 : length)));
  });

  test('clone without a copy, yet outlive the original', () => {
    const original = tf.tensor1d([1, 2, 3]);
    const clone = tf.clone(original);
    original.dispose();
    expectClose(clone, [1, 2, 3]);
  });

  test('clone what was reshaped so that it can be a bias', () => {
    const bias = tf.clone(tf.reshape(tf.tensor2d([[1], [2]]), [2]));
    expectClose(tf.fused.matMul({ a: tf.eye(2), b: tf.eye(2), bias }), [2, 2, 1, 3]);
  });
});

/** A network with every kind of gradient a dense one has, and its mean absolute error on some rows. */
function network() {
  const model = layers.sequential({
    layers: [
      layers.layers.dense({ units: 12, inputShape: [5], activation: 'swish' }),
      layers.layers.dense({ units: 8, activation: 'tanh' }),
      layers.layers.dense({ units: 1 }),
    ],
  });
  model.weights.forEach((weight, i) => {
    const shape = weight.shape as number[];
    weight.write(tf.tensor(matrix(shape[0]!, shape[1] ?? 1, i).dataSync(), shape));
  });
  const x = matrix(33, 5, 20);
  const y = matrix(33, 1, 21);
  const loss = () =>
    tf.mean(tf.abs(tf.sub(model.apply(x, { training: true }) as Tensor, y))) as Scalar;
  return { model, loss };
}

describe('training', () => {
  test('has the gradients that finite differences have', () => {
    const { model, loss } = network();
    const { grads } = tf.variableGrads(loss);
    const step = 1e-2;
    for (const weight of model.trainableWeights) {
      const variable = weight.read() as Variable;
      const values = variable.dataSync().slice();
      const gradient = grads[variable.name]!.dataSync();
      for (const i of [0, values.length >> 1, values.length - 1]) {
        const lossAt = (value: number): number => {
          const moved = values.with(i, value);
          weight.write(tf.tensor(moved, weight.shape as number[]));
          return loss().dataSync()[0]!;
        };
        const slope = (lossAt(values[i]! + step) - lossAt(values[i]! - step)) / (2 * step);
        expect(Math.abs(gradient[i]! - slope)).toBeLessThan(2e-3);
        lossAt(values[i]!);
      }
    }
  });

  test('leaves no tensors behind', () => {
    const { loss } = network();
    const optimizer = tf.train.adam(1e-3);
    const step = () => tf.tidy(() => optimizer.minimize(loss, true)?.dataSync());
    step();
    const before = tf.memory();
    for (let i = 0; i < 3; i++) step();
    expect(tf.memory()).toMatchObject({
      numTensors: before.numTensors,
      numBytes: before.numBytes,
    });
  });
});
