import type { AdamOptimizer, Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { loadTensorFlow, type TensorFlow } from './backend.js';
import { Encoder } from './encoding/encoder.js';
import type { FittedEncoding } from './encoding/fitted.js';
import {
  buildNetwork,
  inputTensors,
  type NamedWeights,
  readWeights,
  runNetwork,
  writeWeights,
} from './network.js';
import { seededRandom, shuffle } from './random.js';
import type { Hyperparameters, Spec } from './spec.js';
import { decodeTarget } from './target.js';

/** What training one member of a model needs; plain data, so that it can be sent to a worker. */
export interface TrainingTask {
  spec: Spec;
  encoding: FittedEncoding;
  /** Encoded training rows, `[rows * width]`. */
  inputs: Float32Array;
  /** Their targets as the network learns them: transformed and standardised. */
  targets: Float32Array;
  backend?: TensorFlow['backend'];
}

/** A member after one more epoch. */
export interface EpochProgress {
  member: number;
  epoch: number;
  epochs: number;
  /** Mean training loss of the epoch, in units of the standardised target. */
  loss: number;
  /** Mean absolute error on the validation part, in units of the target. */
  validation: number;
}

export interface TrainedMember {
  member: number;
  weights: NamedWeights;
  /** The epoch whose weights were kept, and its validation error. */
  bestEpoch: number;
  validation: number;
  epochs: number;
  backend: string;
  tensorflow: string;
}

/**
 * Trains one member. Equal tasks give equal weights: every random choice comes from the spec's seed.
 * @param member its number; it decides which rows are its validation part
 */
export async function trainMember(
  task: TrainingTask,
  member: number,
  onEpoch: (progress: EpochProgress) => void,
): Promise<TrainedMember> {
  const tensorflow = await loadTensorFlow(task.backend);
  const { spec, targets } = task;
  const { epochs, batchSize, patience, averaging } = spec.hyperparameters;
  const encoder = new Encoder(spec, task.encoding);
  const parts = splitValidation(targets.length, member, spec.hyperparameters);
  const validation = takeRows(task, encoder.width, parts.validation);
  const network = buildNetwork(tensorflow, spec, encoder, [member]);
  const optimiser = createOptimiser(tensorflow, network, encoder, spec.hyperparameters);
  const averaged = new AveragedWeights(network, averaging);
  const random = seededRandom(spec.hyperparameters.seed * 31 + member);
  const stepsPerEpoch = Math.max(1, Math.floor(parts.training.length / batchSize));

  let best = { epoch: 0, validation: Number.POSITIVE_INFINITY, weights: readWeights(network) };
  let epoch = 0;
  while (epoch < epochs && epoch - best.epoch < patience) {
    epoch++;
    shuffle(parts.training, random);
    let loss = 0;
    for (let step = 0; step < stepsPerEpoch; step++) {
      const batch = parts.training.subarray(step * batchSize, (step + 1) * batchSize);
      const progress = (epoch - 1 + step / stepsPerEpoch) / epochs;
      loss += optimiser.step(takeRows(task, encoder.width, batch), progress) / stepsPerEpoch;
      averaged.update();
    }
    const error = averaged.during(tensorflow, () =>
      meanError(
        task,
        runNetwork(tensorflow, network, encoder, validation.inputs),
        validation.targets,
      ),
    );
    if (error < best.validation) best = { epoch, validation: error, weights: averaged.copy() };
    onEpoch({ member, epoch, epochs, loss, validation: error });
  }

  optimiser.dispose();
  network.dispose();
  const { weights, epoch: bestEpoch, validation: bestError } = best;
  const { backend, version } = tensorflow;
  return {
    member,
    weights,
    bestEpoch,
    validation: bestError,
    epochs: epoch,
    backend,
    tensorflow: version,
  };
}

interface Rows {
  inputs: Float32Array;
  targets: Float32Array;
}

/** Member k's validation part is the k-th of equal parts of one shuffle, so that members leave out different rows. */
function splitValidation(rows: number, member: number, { validation, seed }: Hyperparameters) {
  const order = shuffle(
    Uint32Array.from({ length: rows }, (_, row) => row),
    seededRandom(seed),
  );
  const size = Math.max(1, Math.round(rows * validation));
  const start = (member * size) % Math.max(1, rows - size + 1);
  const training = new Uint32Array(rows - size);
  training.set(order.subarray(0, start));
  training.set(order.subarray(start + size), start);
  return { training, validation: order.subarray(start, start + size) };
}

function takeRows({ inputs, targets }: TrainingTask, width: number, rows: Uint32Array): Rows {
  const taken = {
    inputs: new Float32Array(rows.length * width),
    targets: new Float32Array(rows.length),
  };
  rows.forEach((row, i) => {
    taken.inputs.set(inputs.subarray(row * width, (row + 1) * width), i * width);
    taken.targets[i] = targets[row]!;
  });
  return taken;
}

function meanError(
  { spec, encoding }: TrainingTask,
  outputs: Float32Array,
  targets: Float32Array,
): number {
  let sum = 0;
  outputs.forEach((output, i) => {
    sum += Math.abs(
      decodeTarget(spec, encoding, output) - decodeTarget(spec, encoding, targets[i]!),
    );
  });
  return sum / outputs.length;
}

/** Takes optimisation steps: each on a batch, at that share of the whole training; answers the loss. */
function createOptimiser(
  { tf }: TensorFlow,
  network: LayersModel,
  encoder: Encoder,
  parameters: Hyperparameters,
) {
  const optimizer = tf.train.adam(parameters.learningRate, 0.9, parameters.beta2);
  const variables = network.trainableWeights.map((weight) => weight.read() as Variable);
  const lossOf = (truth: Tensor, output: Tensor): Tensor => {
    const error = tf.sub(output, truth);
    return tf.mean(parameters.loss === 'meanAbsoluteError' ? tf.abs(error) : tf.square(error));
  };
  const step = ({ inputs, targets }: Rows, progress: number): number => {
    setLearningRate(optimizer, parameters.learningRate * schedule(progress, parameters.warmup));
    return tf.tidy(() => {
      const x = inputTensors(tf, encoder, inputs);
      const truth = tf.tensor2d(targets, [targets.length, 1]);
      const loss = optimizer.minimize(
        () => lossOf(truth, network.apply(x, { training: true }) as Tensor) as Scalar,
        true,
        variables,
      );
      return loss!.dataSync()[0]!;
    });
  };
  return { step, dispose: () => optimizer.dispose() };
}

/** Adam has a learning rate that may change, but no public way to change it. */
function setLearningRate(optimizer: AdamOptimizer, learningRate: number): void {
  (optimizer as unknown as { learningRate: number }).learningRate = learningRate;
}

/** Linear warm-up, then half a cosine down to 0 (Loshchilov and Hutter, "SGDR", 2017). */
function schedule(progress: number, warmup: number): number {
  if (progress < warmup) return (progress + 1e-3) / (warmup + 1e-3);
  return (1 + Math.cos(Math.PI * progress)) / 2;
}

/** An exponential moving average of a network's weights: it generalises better than the last ones. */
class AveragedWeights {
  private readonly averages: NamedWeights;
  private steps = 0;

  constructor(
    private readonly network: LayersModel,
    private readonly decay: number,
  ) {
    this.averages = readWeights(network).map((weight) => ({
      ...weight,
      values: weight.values.slice(),
    }));
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
    const own = readWeights(this.network).map((weight) => ({
      ...weight,
      values: weight.values.slice(),
    }));
    writeWeights(tensorflow, this.network, this.averages);
    const result = work();
    writeWeights(tensorflow, this.network, own);
    return result;
  }

  copy(): NamedWeights {
    return this.averages.map((weight) => ({ ...weight, values: weight.values.slice() }));
  }
}
