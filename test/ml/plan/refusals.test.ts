import { describe, expect, test } from '@jest/globals';
import type { LayersArtifact } from '../../../src/ml/plan/artifact.js';
import { CorruptArtifactError, UnsupportedLayerError } from '../../../src/ml/plan/errors.js';
import { compilePlan } from '../../../src/ml/plan/plan.js';

const input = {
  class_name: 'InputLayer',
  name: 'in',
  config: { name: 'in', batch_input_shape: [null, 2] },
  inbound_nodes: [],
};
const dense = (name: string, from: string, config: object = {}) => ({
  class_name: 'Dense',
  name,
  config: { name, units: 1, activation: 'linear', ...config },
  inbound_nodes: [[[from, 0, 0, {}]]],
});

/** A functional model of these layers, whose weights are those of one dense layer `d`: 2 to 1. */
function artifact(layers: object[], last: string, changes: Partial<LayersArtifact> = {}) {
  return {
    modelTopology: {
      class_name: 'Model',
      config: { layers, input_layers: [['in', 0, 0]], output_layers: [[last, 0, 0]] },
    },
    weightSpecs: [
      { name: 'd/kernel', shape: [2, 1], dtype: 'float32' },
      { name: 'd/bias', shape: [1], dtype: 'float32' },
    ],
    weightData: Float32Array.of(2, 3, 5).buffer,
    ...changes,
  };
}
const sound = (changes: Partial<LayersArtifact> = {}) =>
  artifact([input, dense('d', 'in')], 'd', changes);

test('the artifact that the others spoil is sound', () => {
  const plan = compilePlan(sound());
  plan.input.set([10, 100]);
  expect(plan.run(1)).toEqual(Float32Array.of(325));
});

describe('what only TensorFlow.js can run is named', () => {
  const refuse = (...layers: object[]) => {
    const last = (layers.at(-1) as typeof input).name;
    return () => compilePlan(artifact([input, ...layers], last));
  };

  test('an unknown layer', () => {
    const lstm = { ...dense('memory', 'in'), class_name: 'LSTM' };
    expect(refuse(lstm)).toThrow(UnsupportedLayerError);
    expect(refuse(lstm)).toThrow("Layer 'memory' (LSTM)");
  });

  test('an unknown activation', () => {
    const odd = refuse(dense('d', 'in', { activation: 'toString' }));
    expect(odd).toThrow(UnsupportedLayerError);
    expect(odd).toThrow(`Layer 'd' (Dense): the compiled plan does not support its activation`);
  });

  test('a join of values that differ in shape', () => {
    const join = {
      ...dense('sum', 'in'),
      class_name: 'Add',
      inbound_nodes: [
        [
          ['in', 0, 0],
          ['d', 0, 0],
        ],
      ],
    };
    expect(refuse(dense('d', 'in'), join)).toThrow('its inputs differ in shape');
  });

  const image = { ...input, config: { name: 'in', batch_input_shape: [null, 4, 4, 2] } };
  const onImage = (className: string, config: object) => () =>
    compilePlan(artifact([image, { ...dense('d', 'in', config), class_name: className }], 'd'));

  test.each([
    ['MaxPooling2D', { data_format: 'channels_first' }, 'channels first'],
    ['MaxPooling2D', { pool_size: [2, 2, 2] }, "'pool_size' is not one or two whole numbers"],
    ['AveragePooling2D', { padding: 'causal' }, 'its padding is "causal"'],
    ['Conv2D', { filters: 2, kernel_size: 3, groups: 2 }, 'its channels are in groups'],
    ['Conv2D', { filters: 2, kernel_size: 3, strides: 0 }, "'strides' is not one or two"],
    [
      'DepthwiseConv2D',
      { kernel_size: 3, depth_multiplier: 2, use_bias: false },
      'several filters for a channel',
    ],
    ['DepthwiseConv2D', { kernel_size: 3, dilation_rate: 2 }, 'it is dilated'],
    ['BatchNormalization', { axis: 1 }, 'its axis is 1, not the channels'],
    ['Dense', {}, 'not one axis'],
  ])('%s of an image with %j', (className, config, message) => {
    expect(onImage(className, config)).toThrow(UnsupportedLayerError);
    expect(onImage(className, config)).toThrow(message);
  });

  test('a convolution of plain columns', () => {
    const conv = { ...dense('d', 'in', { filters: 1, kernel_size: 1 }), class_name: 'Conv2D' };
    expect(refuse(conv)).toThrow('not rows, columns and channels');
  });

  test('a window larger than the image is a contradiction', () => {
    const pooling = onImage('MaxPooling2D', { pool_size: 5 });
    expect(pooling).toThrow(CorruptArtifactError);
    expect(pooling).toThrow('smaller than its window');
  });

  test('an input without a fixed shape', () => {
    const open = { ...input, config: { name: 'in', batch_input_shape: [null, null] } };
    expect(() => compilePlan(artifact([open], 'in'))).toThrow(UnsupportedLayerError);
  });
});

describe('an artifact that contradicts itself', () => {
  test.each([
    ['bytes too few', { weightData: new ArrayBuffer(8) }, 'ends before weight'],
    ['bytes too many', { weightData: new ArrayBuffer(16) }, 'describe 12 bytes'],
    ['no weights', { weightSpecs: [], weightData: new ArrayBuffer(0) }, "'d/kernel' is missing"],
    [
      'a transposed weight',
      {
        weightSpecs: [
          { name: 'd/kernel', shape: [1, 2], dtype: 'float32' },
          { name: 'd/bias', shape: [1], dtype: 'float32' },
        ],
      },
      'has shape [1,2], but its layer needs [2,1]',
    ],
    [
      'a weight listed twice',
      { weightSpecs: [1, 2, 3].map(() => ({ name: 'w', shape: [1], dtype: 'float32' })) },
      'listed twice',
    ],
    [
      'whole numbers as weights',
      { weightSpecs: [{ name: 'd/kernel', shape: [3], dtype: 'int32' }] },
      'not plain float32',
    ],
    ['no topology', { modelTopology: null }, "object 'modelTopology' is missing"],
    ['an empty model', { modelTopology: { class_name: 'Sequential', config: { layers: [] } } }, ''],
  ])('%s', (_name, changes: Partial<LayersArtifact>, message) => {
    expect(() => compilePlan(sound(changes))).toThrow(CorruptArtifactError);
    expect(() => compilePlan(sound(changes))).toThrow(message);
  });

  test('a layer that is not there, and one that depends on itself', () => {
    expect(() => compilePlan(artifact([input, dense('d', 'gone')], 'd'))).toThrow(
      "Layer 'gone' is missing",
    );
    expect(() => compilePlan(artifact([input, dense('d', 'd')], 'd'))).toThrow(
      "Layer 'd' depends on itself",
    );
  });
});
