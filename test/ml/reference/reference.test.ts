import { expect, it } from '@jest/globals';
import { LAYERS } from '../../../src/ml/plan/layers/table.js';
import { erf } from '../../../src/ml/reference/activations.js';
import { FORMULAS } from '../../../src/ml/reference/layers.js';
import { computeReference } from '../../../src/ml/reference/reference.js';
import { artifactOf, network, tfl } from '../plan/networks.js';

// That it computes what TensorFlow.js does, layer by layer, is part of the plan's tests.

it('has a formula for each layer of the compiled plan', () => {
  expect([...FORMULAS.keys()].sort()).toEqual([...LAYERS.keys()].sort());
});

it('knows the error function to the last digits', () => {
  expect(erf(0)).toBe(0);
  expect(erf(0.5)).toBeCloseTo(0.5204998778130465, 14);
  expect(erf(-1)).toBeCloseTo(-0.8427007929497149, 14);
  expect(erf(2.4)).toBeCloseTo(0.9993114861033549, 12);
  expect(erf(3)).toBeCloseTo(0.9999779095030014, 14);
});

it('adds up in 64 bits', async () => {
  const model = network(3, (input) => {
    const layer = tfl.layers.dense({ units: 1, kernelInitializer: 'ones', useBias: false });
    return layer.apply(input) as typeof input;
  });
  const { outputs } = computeReference(await artifactOf(model), Float32Array.of(2 ** 25, 1, 0.5));
  expect(outputs).toEqual(Float64Array.of(2 ** 25 + 1.5));
});

it('computes fewer rows of a network that is large', async () => {
  const model = network(100, (input) => {
    const layer = tfl.layers.dense({ units: 10 });
    return layer.apply(input) as typeof input;
  });
  const inputs = new Float32Array(100 * 100);
  const { rows, outputs } = computeReference(await artifactOf(model), inputs, 20_000);
  expect(rows).toBe(24);
  expect(outputs.length).toBe(24 * 10);
});
