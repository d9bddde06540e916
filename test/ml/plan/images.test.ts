import { beforeAll, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { compilePlan } from '../../../src/ml/plan/plan.js';
import { artifactOf, disagreement, network, randomise, tf, tfl } from './networks.js';

const PARITY = 1e-5;

// The WASM backend answers zeros, silently, where a stride is longer than the window.
beforeAll(async () => {
  // Else it advises, loudly, to install another backend.
  tf.env().set('IS_TEST', true);
  await tf.setBackend('cpu');
});

type Layer = { apply(input: SymbolicTensor): unknown };
const apply = (layer: Layer, input: SymbolicTensor) => layer.apply(input) as SymbolicTensor;
const conv = (filters: number, kernelSize: number, more: object = {}) =>
  tfl.layers.conv2d({ filters, kernelSize, ...more });

const side = fc.integer({ min: 1, max: 9 });
const channels = fc.constantFrom(1, 2, 3, 4, 5, 8, 12, 17);
const pair = (max: number) => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));
const padding = fc.constantFrom('valid' as const, 'same' as const);
const layer = fc.oneof(
  fc.record({
    kind: fc.constantFrom('conv' as const, 'depthwise' as const, 'separable' as const),
    filters: channels,
    kernelSize: pair(5),
    strides: pair(3),
    // TensorFlow.js takes dilation without strides only.
    dilationRate: fc.constantFrom(1, 1, 2),
    padding,
    useBias: fc.boolean(),
    activation: fc.constantFrom('linear' as const, 'relu' as const, 'tanh' as const),
  }),
  fc.record({
    kind: fc.constantFrom('max' as const, 'average' as const),
    poolSize: pair(4),
    strides: pair(3),
    padding,
  }),
  fc.record({ kind: fc.constantFrom('norm' as const, 'relu' as const, 'dropout' as const) }),
);
const end = fc.constantFrom('image', 'flatten', 'reshape', 'globalMax', 'globalAverage', 'dense');

type Drawn = typeof layer extends fc.Arbitrary<infer Each> ? Each : never;

function build(drawn: Drawn, input: SymbolicTensor): SymbolicTensor {
  switch (drawn.kind) {
    case 'conv':
    case 'depthwise':
    case 'separable': {
      // TensorFlow.js strides a depthwise convolution evenly, and takes dilation without strides only.
      const even = drawn.strides.map((_, i) => drawn.strides[drawn.kind === 'conv' ? i : 0]!);
      const dilationRate = drawn.kind === 'depthwise' ? 1 : drawn.dilationRate;
      const strides = dilationRate > 1 ? [1, 1] : even;
      const reach = drawn.kernelSize.map((size) => (size - 1) * dilationRate + 1);
      const options = { ...drawn, strides, dilationRate, ...padded(drawn, reach, input) } as never;
      const { conv2d, depthwiseConv2d, separableConv2d } = tfl.layers;
      const layers = { conv: conv2d, depthwise: depthwiseConv2d, separable: separableConv2d };
      return apply(layers[drawn.kind](options), input);
    }
    case 'max':
      return apply(
        tfl.layers.maxPooling2d({ ...drawn, ...padded(drawn, drawn.poolSize, input) }),
        input,
      );
    case 'average':
      return apply(
        tfl.layers.averagePooling2d({ ...drawn, ...padded(drawn, drawn.poolSize, input) }),
        input,
      );
    case 'norm':
      return apply(tfl.layers.batchNormalization(), input);
    case 'relu':
      return apply(tfl.layers.reLU(), input);
    case 'dropout':
      return apply(tfl.layers.dropout({ rate: 0.5 }), input);
  }
}

/** A window larger than its image fits with padding only. */
function padded(drawn: { padding: 'valid' | 'same' }, reach: number[], { shape }: SymbolicTensor) {
  const isLarger = reach[0]! > shape[1]! || reach[1]! > shape[2]!;
  return { padding: isLarger ? ('same' as const) : drawn.padding };
}

function finish(kind: string, input: SymbolicTensor): SymbolicTensor {
  const size = input.shape.slice(1).reduce((product: number, length) => product * length!, 1);
  const flat = () => apply(tfl.layers.flatten(), input);
  switch (kind) {
    case 'flatten':
      return flat();
    case 'reshape':
      return apply(tfl.layers.reshape({ targetShape: [size, 1] }), input);
    case 'globalMax':
      return apply(tfl.layers.globalMaxPooling2d({}), input);
    case 'globalAverage':
      return apply(tfl.layers.globalAveragePooling2d({}), input);
    case 'dense':
      return apply(tfl.layers.dense({ units: 3, activation: 'softmax' }), flat());
    default:
      return input;
  }
}

describe('a network on images gives what TensorFlow.js gives', () => {
  test('of any sizes, strides, paddings, layers and number of rows', async () => {
    const any = fc.asyncProperty(
      fc.tuple(side, side, channels),
      fc.array(layer, { minLength: 1, maxLength: 4 }),
      end,
      fc.constantFrom(1, 2, 5, 67),
      fc.nat(),
      async (shape, tower, last, rows, seed) => {
        const model = network([...shape], (input) =>
          finish(
            last,
            tower.reduce((x, drawn) => build(drawn, x), input),
          ),
        );
        expect(await disagreement(randomise(model, seed), rows, seed)).toBeLessThan(PARITY);
        model.dispose();
      },
    );
    await fc.assert(any, { seed: 28, numRuns: 150 });
  }, 60_000);

  test('as one trains it on digits', async () => {
    const model = tfl.sequential({
      layers: [
        conv(12, 3, { inputShape: [28, 28, 1], useBias: false }),
        tfl.layers.batchNormalization(),
        tfl.layers.activation({ activation: 'relu' }),
        tfl.layers.maxPooling2d({ poolSize: 2 }),
        conv(24, 3, { activation: 'relu', padding: 'same' }),
        tfl.layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
        conv(20, 3, { activation: 'swish', strides: 2 }),
        tfl.layers.flatten(),
        tfl.layers.dropout({ rate: 0.5 }),
        tfl.layers.dense({ units: 10 }),
      ],
    });
    expect(await disagreement(randomise(model, 8), 70)).toBeLessThan(PARITY);
  });

  test('where a product is read twice, so that nothing may be worked into it', async () => {
    const model = network([6, 5, 3], (input) => {
      const product = apply(conv(4, 3, { padding: 'same' }), input);
      const norm = apply(tfl.layers.batchNormalization(), product);
      const rectified = apply(tfl.layers.reLU(), product);
      return tfl.layers.add().apply([norm, product, rectified]) as SymbolicTensor;
    });
    expect(await disagreement(randomise(model, 9), 10)).toBeLessThan(PARITY);
  });

  test('where a normalisation follows a ReLU', async () => {
    const model = network([6, 5, 3], (input) =>
      apply(tfl.layers.batchNormalization(), apply(conv(4, 3, { activation: 'relu' }), input)),
    );
    expect(await disagreement(randomise(model, 10), 10)).toBeLessThan(PARITY);
  });
});

test('few wide images a run, many narrow rows', async () => {
  const wide = network([28, 28, 1], (input) => apply(conv(32, 3), input));
  const narrow = network(28, (input) => apply(tfl.layers.dense({ units: 64 }), input));
  expect(compilePlan(await artifactOf(wide)).capacity).toBe(4);
  expect(compilePlan(await artifactOf(narrow)).capacity).toBe(64);
});
