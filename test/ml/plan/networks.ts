import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { LayersArtifact } from '../../../src/ml/plan/artifact.js';
import { compilePlan, runAll } from '../../../src/ml/plan/plan.js';
import { computeReference } from '../../../src/ml/reference/reference.js';
import { loadTensorFlow } from '../../../src/ml/tensorflow/backend.js';

export const { tf, layers: tfl } = await loadTensorFlow('wasm');

/** Numbers from -1 to 1 that a seed decides (mulberry32). */
export function randomNumbers(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
}

/** A functional model of one input, of `width` columns or of another shape. */
export function network(
  width: number | number[],
  build: (input: SymbolicTensor) => SymbolicTensor,
): LayersModel {
  const input = tfl.input({ shape: [width].flat() });
  return tfl.model({ inputs: input, outputs: build(input) });
}

/**
 * Gives every weight a random value; variances, which no network learns to be negative, a positive one.
 * Those of a convolution are small where a window is large: its sums keep the size of its inputs.
 */
export function randomise(model: LayersModel, seed: number): LayersModel {
  model.weights.forEach((weight, i) => {
    const shape = weight.shape as number[];
    const values = randomNumbers(
      shape.reduce((size, length) => size * length, 1),
      seed + i,
    );
    const positive = weight.originalName.endsWith('moving_variance');
    const window = shape.length < 4 ? 1 : shape[0]! * shape[1]! * shape[2]!;
    weight.write(
      tf.tensor(
        values.map((value) => (positive ? 1.5 + value : value / Math.sqrt(window))),
        shape,
      ),
    );
  });
  return model;
}

export async function artifactOf(model: LayersModel): Promise<LayersArtifact> {
  let saved: LayersArtifact | undefined;
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      saved = {
        // As it comes out of a file: without undefined fields.
        modelTopology: JSON.parse(JSON.stringify(modelTopology)) as unknown,
        weightSpecs: weightSpecs ?? [],
        weightData: weightData as ArrayBuffer,
      };
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return saved!;
}

/**
 * The largest difference of the compiled plan and of the 64-bit reference to TensorFlow.js over random rows,
 * relative to the largest output or 1: where the terms of a sum cancel, float32 has no digits to agree on.
 */
export async function disagreement(model: LayersModel, rows: number, seed = 1): Promise<number> {
  const artifact = await artifactOf(model);
  const plan = compilePlan(artifact);
  const shapes = model.inputs.map(({ shape }) => shape.slice(1) as number[]);
  const inputs = randomNumbers(rows * plan.inputSize, seed).map((value) => 3 * value);
  const expected = tf.tidy(() => {
    const matrix = tf.tensor2d(inputs, [rows, plan.inputSize]);
    const [shape, ...more] = shapes;
    const parts =
      more.length === 0
        ? tf.reshape(matrix, [rows, ...shape!])
        : tf.split(matrix, shapes.flat(), 1);
    return (model.predict(parts) as typeof matrix).dataSync();
  });
  const scale = Math.max(1, ...expected.map(Math.abs));
  const { outputs } = computeReference(artifact, inputs);
  return Math.max(
    ...[runAll(plan, inputs), outputs].map((actual) => {
      if (actual.length !== expected.length) throw new Error('another number of outputs');
      return Array.from(expected).reduce((worst, value, i) => {
        const difference = Math.abs(actual[i]! - value) / scale;
        // Written so that a NaN does not pass for a small difference.
        return difference <= worst ? worst : difference;
      }, 0);
    }),
  );
}
