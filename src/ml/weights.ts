import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { LayersArtifact, WeightSpec } from './plan/artifact.js';
import { joined } from './rows.js';
import type { TensorFlow } from './tensorflow/backend.js';

/** The weights of a network with their names in TensorFlow.js. */
export type NamedWeights = { name: string; shape: number[]; values: Float32Array }[];

/** Copies the weights out of a model. */
export function readWeights(network: LayersModel): NamedWeights {
  return network.weights.map((weight) => ({
    name: weight.originalName,
    shape: weight.shape as number[],
    values: weight.read().dataSync() as Float32Array,
  }));
}

/** Sets the named weights of a model. */
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

/** Converts a model to the content of its files. */
export function toArtifact(network: LayersModel): LayersArtifact {
  const weights = readWeights(network);
  const weightSpecs: WeightSpec[] = weights.map(({ name, shape }) => ({
    name,
    shape,
    dtype: 'float32',
  }));
  const { buffer: weightData } = joined<Float32Array<ArrayBuffer>>(
    Float32Array,
    weights.map(({ values }) => values as Float32Array<ArrayBuffer>),
  );
  return { modelTopology: network.toJSON(null, false), weightSpecs, weightData };
}

/** Averages a network's weights exponentially over steps, which generalises better than the last weights. */
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
    // The decay grows with the steps, as in TensorFlow, so that the random start is soon forgotten.
    const decay = Math.min(this.decay, (1 + this.steps) / (10 + this.steps));
    readWeights(this.network).forEach(({ values }, i) => {
      const average = this.averages[i]!.values;
      for (let j = 0; j < average.length; j++)
        average[j] = decay * average[j]! + (1 - decay) * values[j]!;
    });
  }

  /** Runs a function while the network has the averaged weights. */
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
