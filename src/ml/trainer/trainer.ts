import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Encoder } from '../encoding/encoder.js';
import type { FittedEncoding } from '../encoding/fitted.js';
import { buildNetwork, runNetwork } from '../network.js';
import { seededRandom, shuffle } from '../random.js';
import { type EncodedRows, joined } from '../rows.js';
import { classesOf, type Hyperparameters, type TrainableSpec } from '../spec.js';
import { decodeTarget, hardClass } from '../target.js';
import { loadTensorFlow, type TensorFlow } from '../tensorflow/backend.js';
import { AveragedWeights, type NamedWeights } from '../weights.js';
import { ImageAugmenter } from './augment.js';
import { type Calibration, calibrate, meanLogLoss } from './calibration.js';
import { createOptimiser } from './optimiser.js';

/** The task to train a member; plain data, so that it can be sent to a worker. */
export interface TrainingTask {
  spec: TrainableSpec;
  encoding: FittedEncoding;
  backend?: TensorFlow['backend'];
}

/** A member after one more epoch. */
export interface EpochProgress {
  member: number;
  epoch: number;
  epochs: number;
  /** Whether it is the member's last epoch, possibly before all are done. */
  ended: boolean;
  /** Mean training loss of the epoch, in units of the standardised target. */
  loss: number;
  /** Error on the validation part: that of the loss in units of the target, or the mean log loss. */
  validation: number;
}

export interface TrainedMember {
  member: number;
  weights: NamedWeights;
  /** The epoch whose weights were kept, and its validation error. */
  bestEpoch: number;
  validation: number;
  epochs: number;
  /** Calibration of its logits; neutral in a regression. */
  calibration: Calibration;
  backend: string;
  tensorflow: string;
}

const VALIDATION_BATCH = 1024;

/**
 * Trains one member. Equal tasks and rows give equal weights, since all random choices derive from the spec's seed.
 * @param rows the encoded training rows
 * @param member its number, which selects its validation part
 */
export async function trainMember(
  task: TrainingTask,
  rows: EncodedRows,
  member: number,
  onEpoch: (progress: EpochProgress) => void,
): Promise<TrainedMember> {
  const tensorflow = await loadTensorFlow(task.backend);
  const { spec } = task;
  const { epochs, batchSize, patience, averaging, augmentation, seed } = spec.hyperparameters;
  const encoder = new Encoder(spec, task.encoding);
  const parts = splitValidation(rows.count, member, spec.hyperparameters);
  const network = buildNetwork(tensorflow, spec, encoder, [member], 'training');
  const optimiser = createOptimiser(tensorflow, network, encoder, spec);
  const averaged = new AveragedWeights(network, averaging);
  const random = seededRandom(seed * 31 + member);
  const augmenter =
    augmentation && encoder.pixels && new ImageAugmenter(encoder.pixels, augmentation, random);
  const steps = Math.max(1, Math.floor(parts.training.length / batchSize));
  const validate = () => runRows(tensorflow, network, encoder, rows, parts.validation);

  let best = {
    epoch: 0,
    error: Number.POSITIVE_INFINITY,
    weights: averaged.copy(),
    calibration: UNCHANGED,
  };
  let epoch = 0;
  let ended = false;
  while (!ended) {
    let loss = 0;
    let step = 0;
    for (const batch of rows.batches(parts.training, batchSize, random)) {
      if (step === steps) break;
      augmenter?.apply(batch.inputs, encoder.width);
      loss += optimiser.step(batch, (epoch + step / steps) / epochs) / steps;
      averaged.update();
      step++;
    }
    epoch++;
    const { error, calibration } = judge(task, averaged.during(tensorflow, validate));
    if (error < best.error) best = { epoch, error, weights: averaged.copy(), calibration };
    ended = epoch === epochs || epoch - best.epoch >= patience;
    onEpoch({ member, epoch, epochs, ended, loss, validation: error });
  }

  optimiser.dispose();
  network.dispose();
  return {
    member,
    weights: applyCalibration(best.weights, spec, member, best.calibration),
    bestEpoch: best.epoch,
    validation: best.error,
    epochs: epoch,
    calibration: best.calibration,
    backend: tensorflow.backend,
    tensorflow: tensorflow.version,
  };
}

/** Splits off the validation part of member k: the k-th part of one shuffle, so that members leave out different rows. */
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
  return { training: training.sort(), validation: order.slice(start, start + size).sort() };
}

/** Computes the outputs of the network for some rows, with their targets. */
function runRows(
  tensorflow: TensorFlow,
  network: LayersModel,
  encoder: Encoder,
  rows: EncodedRows,
  wanted: Uint32Array,
): { outputs: Float32Array; targets: Float32Array } {
  const done: { outputs: Float32Array; targets: Float32Array }[] = [];
  for (const { inputs, targets } of rows.batches(wanted, VALIDATION_BATCH))
    done.push({ outputs: runNetwork(tensorflow, network, encoder, inputs), targets });
  return {
    outputs: joined(
      Float32Array,
      done.map(({ outputs }) => outputs),
    ),
    targets: joined(
      Float32Array,
      done.map(({ targets }) => targets),
    ),
  };
}

const UNCHANGED: Calibration = { scale: 1, bias: 0 };

/** Computes the error of outputs, after the calibration that minimises that of probabilities. */
function judge(
  { spec, encoding }: TrainingTask,
  { outputs, targets }: { outputs: Float32Array; targets: Float32Array },
): { error: number; calibration: Calibration } {
  const classes = classesOf(spec).length;
  if (classes > 0) {
    const truth = targets.map(hardClass);
    const calibration = calibrate(outputs, truth, classes);
    return { error: meanLogLoss(outputs, truth, classes, calibration), calibration };
  }
  const isSquared = spec.hyperparameters.loss === 'meanSquaredError';
  let sum = 0;
  outputs.forEach((output, i) => {
    const error = Math.abs(
      decodeTarget(spec, encoding, output) - decodeTarget(spec, encoding, targets[i]!),
    );
    sum += isSquared ? error ** 2 : error;
  });
  const mean = sum / outputs.length;
  return { error: isSquared ? Math.sqrt(mean) : mean, calibration: UNCHANGED };
}

/** Applies a calibration to the weights of the last layers, in which the logits are linear. */
function applyCalibration(
  weights: NamedWeights,
  { network }: TrainableSpec,
  member: number,
  { scale, bias }: Calibration,
): NamedWeights {
  const last = `member${member}_dense${network.hidden.length}/`;
  const table = new RegExp(`^member${member}_tiles\\d+/`);
  return weights.map((weight) => {
    if (!weight.name.startsWith(last) && !table.test(weight.name)) return weight;
    const isBias = weight.name === `${last}bias`;
    const values = weight.values.map(
      (value, i) => scale * value + (isBias && i === 1 && bias !== 0 ? bias : 0),
    );
    return { ...weight, values };
  });
}
