import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { LayersArtifact, WeightSpec } from './plan/artifact.js';
import type { TensorFlow } from './tensorflow/backend.js';

/** The weights of a network by their names, as TensorFlow.js gives them. */
export type NamedWeights = { name: string; shape: number[]; values: Float32Array }[];

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

/** An exponential moving average of a network's weights: it generalises better than the last ones. */
export class AveragedWeights {
  private readonly averages: NamedWeights;
  private steps = 0;

  constructor(
    private readonly network: LayersModel,
    private readonly decay: number,
  ) {
    this.averages = copyOf(readWeights(network));
  }

  update(): void {
    this.steps++;
    // Early on the average would remember the random start: the decay grows with the steps (as TensorFlow's does).
    const decay = Math.min(this.decay, (1 + this.steps) / (10 + this.steps));
    readWeights(this.network).forEach(({ values }, i) => {
      const average = this.averages[i]!.values;
      for (let j = 0; j < average.length; j++)
        average[j] = decay * average[j]! + (1 - decay) * values[j]!;
    });
  }

  /** Does something with the averages in the network's place. */
  during<Result>(tensorflow: TensorFlow, work: () => Result): Result {
    const own = copyOf(readWeights(this.network));
    writeWeights(tensorflow, this.network, this.averages);
    const result = work();
    writeWeights(tensorflow, this.network, own);
    return result;
  }

  copy(): NamedWeights {
    return copyOf(this.averages);
  }
}

function copyOf(weights: NamedWeights): NamedWeights {
  return weights.map((weight) => ({ ...weight, values: weight.values.slice() }));
}
