import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { TensorFlow } from './backend.js';
import type { Encoder } from './encoding/encoder.js';
import type { LayersArtifact, WeightSpec } from './plan/artifact.js';
import type { Spec } from './spec.js';

/** The weights of a network by their names, as TensorFlow.js gives them. */
export type NamedWeights = { name: string; shape: number[]; values: Float32Array }[];

/**
 * Builds the spec's network for an encoding: a tower of dense layers a member, each with one output,
 * averaged when there are several.
 * @param members which of the spec's members to build; training builds one, publishing all of them
 * @returns a model from `[rows, dense]` and, an embedded category each, `[rows, 1]` to `[rows, 1]`
 */
export function buildNetwork(
  { layers: { input, layers, model } }: TensorFlow,
  spec: Spec,
  encoder: Encoder,
  members: readonly number[],
): LayersModel {
  const dense = input({ shape: [encoder.dense], name: 'inputs' });
  const embedded = encoder.embeddings.map(({ feature }, i) =>
    input({ shape: [1], name: `category${i}_${safe(feature)}` }),
  );

  const towers = members.map((member) => {
    const seed = (layer: number) => spec.hyperparameters.seed * 1009 + member * 101 + layer;
    const vectors = encoder.embeddings.map(({ categories, size }, i) => {
      const embedding = layers.embedding({
        name: `member${member}_embedding${i}`,
        inputDim: categories,
        outputDim: size,
        // No initializer takes a seed by name: the object form does.
        embeddingsInitializer: {
          className: 'RandomUniform',
          config: { minval: -0.05, maxval: 0.05, seed: seed(50 + i) },
        } as never,
      });
      const flat = layers.flatten({ name: `member${member}_flat${i}` });
      return flat.apply(embedding.apply(embedded[i]!)) as SymbolicTensor;
    });
    let top =
      vectors.length === 0
        ? dense
        : (layers
            .concatenate({ name: `member${member}_inputs` })
            .apply([dense, ...vectors]) as SymbolicTensor);
    const sizes = [...spec.network.hidden, 1];
    sizes.forEach((units, i) => {
      const layer = layers.dense({
        name: `member${member}_dense${i}`,
        units,
        activation: i < sizes.length - 1 ? (spec.network.activation as 'relu') : 'linear',
        kernelInitializer: { className: 'GlorotUniform', config: { seed: seed(i) } } as never,
      });
      top = layer.apply(top) as SymbolicTensor;
    });
    return top;
  });

  const output =
    towers.length === 1
      ? towers[0]!
      : (layers.average({ name: 'members' }).apply(towers) as SymbolicTensor);
  return model({ inputs: [dense, ...embedded], outputs: output, name: safe(spec.name) });
}

/** Layer names may not hold every character that a feature's name may. */
function safe(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_');
}

/** Copies the weights out of a model. */
export function readWeights(network: LayersModel): NamedWeights {
  return network.weights.map((weight) => ({
    name: weight.originalName,
    shape: weight.shape as number[],
    values: weight.read().dataSync() as Float32Array,
  }));
}

/** Sets those weights of a model that are named. */
export function writeWeights(
  { tf }: TensorFlow,
  network: LayersModel,
  weights: NamedWeights,
): void {
  const byName = new Map(weights.map((weight) => [weight.name, weight]));
  for (const variable of network.weights) {
    const weight = byName.get(variable.originalName);
    if (!weight) continue;
    tf.tidy(() => {
      variable.write(tf.tensor(weight.values, weight.shape));
    });
  }
}

/** The model as its files hold it. */
export function toArtifact(network: LayersModel): LayersArtifact {
  const weights = readWeights(network);
  const weightSpecs: WeightSpec[] = weights.map(({ name, shape }) => ({
    name,
    shape,
    dtype: 'float32',
  }));
  const weightData = new Uint8Array(
    weights.reduce((sum, { values }) => sum + values.byteLength, 0),
  );
  let at = 0;
  for (const { values } of weights) {
    weightData.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return { modelTopology: network.toJSON(null, false), weightSpecs, weightData: weightData.buffer };
}

/** Runs a model over encoded rows: `[rows * width]` to `[rows * outputs]`. */
export function runNetwork(
  { tf }: TensorFlow,
  network: LayersModel,
  encoder: Encoder,
  inputs: Float32Array,
): Float32Array {
  const output = tf.tidy(
    () => network.predictOnBatch(inputTensors(tf, encoder, inputs)) as ReturnType<typeof tf.tensor>,
  );
  const values = output.dataSync() as Float32Array;
  output.dispose();
  return values;
}

/** Encoded rows as the tensors that {@link buildNetwork}'s model takes. */
export function inputTensors(tf: TensorFlow['tf'], encoder: Encoder, inputs: Float32Array) {
  const all = tf.tensor2d(inputs, [inputs.length / encoder.width, encoder.width]);
  if (encoder.embeddings.length === 0) return all;
  return tf.split(all, [encoder.dense, ...encoder.embeddings.map(() => 1)], 1);
}
