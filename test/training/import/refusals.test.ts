import { afterEach, describe, expect, it, test } from '@jest/globals';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { artifactOf, randomise, tf, tfl } from '../../ml/plan/networks.js';
import { filesOf, type ModelFiles } from '../../support/layers-model.js';
import { denseModel, importing, SPEC } from './world.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function importFiles(files: ModelFiles, spec: unknown = SPEC) {
  const world = importing(files, spec);
  cleanups.push(world.remove);
  return { ...world, imported: await world.run() };
}
const importModel = async (model: LayersModel, spec: unknown = SPEC) =>
  importFiles(await filesOf(model), spec);

const sound = await filesOf(denseModel(3, 1));
const modelJson = JSON.parse(Buffer.from(sound['model.json']!).toString());
const withJson = (changes: object) => ({
  ...sound,
  'model.json': Buffer.from(JSON.stringify({ ...modelJson, ...changes })),
});
const refused = (message: RegExp) => ({
  code: 'invalid_model',
  message: expect.stringMatching(message),
});

test('the model that the others spoil is sound, and replaced only when that is meant', async () => {
  const { imported, registry, run } = await importFiles(sound);
  expect(imported).toMatchObject({ model: 'boxes', engine: 'plan' });
  expect((await registry.champion('boxes')).version.id).toBe(imported.version);
  await expect(run()).rejects.toMatchObject({ code: 'model_exists' });
  expect((await run({ replace: true })).version).toBe(imported.version);
});

describe('files that are not taken', () => {
  const [group] = modelJson.weightsManifest;
  const [kernel, bias] = group.weights;
  const weights = (...specs: object[]) =>
    withJson({ weightsManifest: [{ ...group, weights: specs }] });

  test.each([
    ['a graph model', withJson({ format: 'graph-model' }), /graph model.*--input_format=keras/],
    ['a graph without a name', withJson({ modelTopology: { node: [] } }), /graph model/],
    ['no JSON', { 'model.json': Buffer.from('{') }, /not valid JSON/],
    ['no weights', withJson({ weightsManifest: undefined }), /not of a LayersModel/],
    ['no topology', withJson({ modelTopology: undefined }), /not of a LayersModel/],
    ['no model.json', {}, /boxes-tfjs has no model.json.*model.save/],
    ['a shard missing', { 'model.json': sound['model.json']! }, /there is no weights.bin/],
    [
      'a shard cut short',
      { ...sound, 'weights.bin': new Uint8Array(8) },
      /must have 16 bytes, but weights.bin have 8/,
    ],
    [
      'weights that are no numbers',
      { ...sound, 'weights.bin': new Uint8Array(16).fill(255) },
      /weights are not numbers/,
    ],
    ['whole numbers', weights(kernel, { ...bias, dtype: 'int32' }), /"top\/bias" is int32/],
    ['a weight twice', weights(kernel, kernel, bias), /names one weight twice/],
    [
      'an odd quantisation',
      weights(kernel, { ...bias, quantization: { dtype: 'int4' } }),
      /"top\/bias" is int4/,
    ],
    ['a weight of no layer', weights(kernel, { ...bias, name: 'other/bias' }), /cannot open it/],
    [
      'a layer of its own',
      withJson({
        modelTopology: JSON.parse(
          JSON.stringify(modelJson.modelTopology).replace('"Dense"', '"Attention9"'),
        ),
      }),
      /does not have the layer Attention9: custom layers/,
    ],
    [
      'an activation of which Keras 3 has another formula',
      withJson({
        modelTopology: {
          keras_version: '3.4.1',
          model_config: {
            class_name: 'Sequential',
            config: {
              layers: [{ class_name: 'Dense', config: { name: 'd', activation: 'hard_sigmoid' } }],
            },
          },
        },
      }),
      /Keras 3 has changed the formula of hard_sigmoid, which layer d uses/,
    ],
    ['an XGBoost model', { 'model.json': Buffer.from('{"learner":{}}') }, /XGBoost.*lapidary init/],
    ['a LightGBM model', { 'model.json': Buffer.from('{"tree_info":[]}') }, /LightGBM/],
    ['a Keras model', { 'm.h5': new Uint8Array() }, /tensorflowjs_converter.* m.h5 DIR/],
    ['a Keras 3 archive', { 'm.keras': new Uint8Array() }, /load_model\("m.keras"\).*model.save/],
    ['a SavedModel', { 'saved_model.pb': new Uint8Array() }, /SavedModel.*load_model/],
    ['ONNX', { 'm.onnx': new Uint8Array() }, /ONNX.*lapidary init/],
    ['a pickle', { 'm.joblib': new Uint8Array() }, /pickle.*lapidary init/],
    ['a PyTorch model', { 'm.pt': new Uint8Array() }, /PyTorch.*Build its layers in Keras/],
  ])('%s', async (_what, files, message) => {
    await expect(importFiles(files as ModelFiles)).rejects.toMatchObject(refused(message));
  });
});

describe('a model that does not fit its spec', () => {
  const classes = (...names: string[]) => ({
    ...SPEC,
    task: 'classification',
    target: { name: 'kind', classes: names },
  });
  const twoInputs = (shapes: [number, number], embedding = { inputDim: 2, outputDim: 2 }) => {
    const [numbers, category] = shapes.map((size, i) =>
      tfl.input({ shape: [size], name: ['numbers', 'category'][i]! }),
    );
    const flat = tfl.layers
      .flatten()
      .apply(tfl.layers.embedding({ ...embedding, name: 'table' }).apply(category!));
    const all = tfl.layers.concatenate().apply([numbers!, flat as never]);
    const outputs = tfl.layers.dense({ units: 1 }).apply(all) as never;
    return randomise(tfl.model({ inputs: [numbers!, category!], outputs }), 1);
  };
  const embedded = (changes: object = {}) => ({
    ...SPEC,
    encoding: [SPEC.encoding[0], { encode: 'embedding', feature: 'material', size: 2 }],
    ...changes,
  });
  const two = () => {
    const input = tfl.input({ shape: [3] });
    const outputs = ['a', 'b'].map((name) => tfl.layers.dense({ units: 1, name }).apply(input));
    return tfl.model({ inputs: input, outputs: outputs as never });
  };

  test('the embedding that the others spoil fits', async () => {
    const { imported } = await importModel(twoInputs([1, 1]), embedded());
    expect(imported.inputs.map(({ takes }) => takes)).toEqual(['numbers', 'material']);
  });

  test.each([
    [
      'another number of inputs',
      () => denseModel(5, 1),
      SPEC,
      /has 3 numbers: numbers \[3\]; the model takes 5: top_input \[5\]/,
    ],
    [
      'one input where there are two',
      () => denseModel(2, 1),
      embedded(),
      /has 2 numbers: numbers \[1\], material \[1\]; the model takes 2: top_input \[2\]/,
    ],
    ['an input without a shape', () => openInput(), SPEC, /no fixed shape, but \[null,3\]/],
    [
      'a table with too few rows',
      () => twoInputs([1, 1], { inputDim: 1, outputDim: 2 }),
      embedded(),
      /"material" has 2 categories, but the embedding table has 1 rows/,
    ],
    [
      'a table of another size',
      () => twoInputs([1, 1], { inputDim: 2, outputDim: 4 }),
      embedded(),
      /embeds "\w+" in 2 numbers, but the embedding table has 4/,
    ],
    [
      'inputs of other names',
      () => twoInputs([1, 1]),
      embedded({ inputs: ['numbers', 'colour'] }),
      /inputs are numbers, colour, but the model's are numbers, category/,
    ],
    ['several outputs', two, SPEC, /has 2 outputs \(a, b\)/],
    [
      'too many outputs',
      () => denseModel(3, 4),
      SPEC,
      /needs 1 output \(a regression\), the model has 4/,
    ],
    [
      'too few outputs',
      () => denseModel(3, 2, 'softmax'),
      classes('a', 'b', 'c'),
      /needs 3 outputs \(one for each class of "kind"\), the model has 2/,
    ],
    ['one output that is no sigmoid', () => denseModel(3, 1), classes('a', 'b'), /the model has 1/],
    [
      'logits',
      () => denseModel(3, 2),
      classes('a', 'b'),
      /not class probabilities.*end it with a softmax/,
    ],
  ])('%s', async (_what, model, spec, message) => {
    await expect(importModel(model(), spec)).rejects.toMatchObject(refused(message));
  });

  function openInput(): LayersModel {
    const input = tfl.input({ shape: [null, 3], name: 'open' });
    const pooled = tfl.layers.globalAveragePooling1d({}).apply(input);
    return tfl.model({
      inputs: input,
      outputs: tfl.layers.dense({ units: 1 }).apply(pooled) as never,
    });
  }

  test('an answer that is no number', async () => {
    const model = denseModel(3, 1);
    model.setWeights(model.getWeights().map((weight) => tf.fill(weight.shape, 3e38)));
    await expect(importModel(model)).rejects.toMatchObject(
      refused(/answers -?(Infinity|NaN) to some inputs/),
    );
  });
});

describe('answers of TensorFlow.js that are not what the network computes', () => {
  /** Two units that differ by 1, and what their difference is: exactly 1, if numbers this large hold it. */
  const differing = (weight: number) => {
    const hidden = { units: 2, inputShape: [3], name: 'hidden' };
    const model = tfl.sequential({
      layers: [tfl.layers.dense(hidden), tfl.layers.dense({ units: 1, name: 'top' })],
    });
    const kernel = tf.fill([3, 2], weight);
    const top = tf.tensor2d([[1], [-1]]);
    model.setWeights([kernel, tf.tensor1d([1, 0]), top, tf.tensor1d([0])]);
    return model;
  };

  test('within the bound are taken', async () => {
    const { imported } = await importModel(differing(10));
    expect(imported.card.parity!.tensorflowError).toBeLessThan(1e-3);
  });

  test('beyond the bound are refused, and nothing is published', async () => {
    const { run, registry, remove } = importing(await filesOf(differing(1e8)), SPEC);
    cleanups.push(remove);
    await expect(run()).rejects.toMatchObject(
      refused(/answers are off by \S+ of their scale.*precision of 32 bits/),
    );
    expect(await registry.models()).toEqual([]);
  });
});

describe('what is taken all the same', () => {
  it('dequantises weights', async () => {
    const { modelTopology } = await artifactOf(denseModel(3, 1));
    const quantization = { dtype: 'uint8', scale: 0.5, min: -1 };
    const specs = [
      { name: 'top/kernel', shape: [3, 1], dtype: 'float32', quantization },
      { name: 'top/bias', shape: [1], dtype: 'float32', quantization },
    ];
    const files = {
      'model.json': Buffer.from(
        JSON.stringify({ modelTopology, weightsManifest: [{ paths: ['w'], weights: specs }] }),
      ),
      // 1, 0, 2 and the bias 3.
      w: Uint8Array.of(4, 2, 6, 8),
    };
    const { registry } = await importFiles(files);
    const { model } = await registry.champion('boxes');
    const [answer] = await model.predict([{ side: 3, material: 'oak' }]);
    expect(answer!.value).toBeCloseTo(2 + 0 + 2 + 3, 5);
  });

  it('gives pixels to the input of their shape, and numbers to theirs', async () => {
    const numbers = tfl.input({ shape: [1], name: 'numbers' });
    const pixels = tfl.input({ shape: [4, 3, 1], name: 'pixels' });
    const convolved = tfl.layers.conv2d({ filters: 2, kernelSize: 2 }).apply(pixels);
    const flat = tfl.layers.flatten().apply(convolved);
    const all = tfl.layers.concatenate().apply([numbers, flat as never]);
    const outputs = tfl.layers.dense({ units: 1 }).apply(all) as never;
    const model = randomise(tfl.model({ inputs: [numbers, pixels], outputs }), 1);
    const spec = {
      ...SPEC,
      features: [{ name: 'photo', kind: 'image', width: 3, height: 4 }, SPEC.features[0]],
      encoding: [{ encode: 'pixels', feature: 'photo' }, SPEC.encoding[0]],
    };
    const { imported } = await importModel(model, spec);
    expect(imported.inputs).toEqual([
      { input: 'numbers', shape: [1], takes: 'numbers' },
      { input: 'pixels', shape: [4, 3, 1], takes: 'photo' },
    ]);
  });
});
