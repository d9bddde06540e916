import type { AdamOptimizer, Scalar, Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Encoder } from '../encoding/encoder.js';
import { inputTensors } from '../network.js';
import type { EncodedBatch } from '../rows.js';
import { classesOf, type Hyperparameters, type TrainableSpec } from '../spec.js';
import type { TensorFlow } from '../tensorflow/backend.js';

/** Performs optimisation steps on a network. */
interface Optimiser {
  /** Learns from a batch. @param progress completed share of the training @returns the loss */
  step(batch: EncodedBatch, progress: number): number;
  dispose(): void;
}

/** Creates an Adam optimiser (Kingma and Ba, 2015) with decoupled weight decay (Loshchilov and Hutter, 2019). */
export function createOptimiser(
  { tf }: TensorFlow,
  network: LayersModel,
  encoder: Encoder,
  spec: TrainableSpec,
): Optimiser {
  const { learningRate, beta2, epsilon, warmup, weightDecay = 0 } = spec.hyperparameters;
  const adam = tf.train.adam(learningRate, 0.9, beta2, epsilon);
  const variables = network.trainableWeights.map((weight) => weight.read() as Variable);
  const decayed = variables.filter(({ rank }) => weightDecay > 0 && rank > 1);
  const lossOf = createLoss(tf, spec);
  return {
    step({ inputs, targets }, progress) {
      const rate = learningRate * schedule(progress, warmup);
      setLearningRate(adam, rate);
      return tf.tidy(() => {
        const x = inputTensors(tf, encoder, inputs);
        const loss = adam.minimize(
          () => lossOf(targets, network.apply(x, { training: true }) as Tensor2D),
          true,
          variables,
        );
        for (const variable of decayed) variable.assign(tf.mul(variable, 1 - rate * weightDecay));
        return loss!.dataSync()[0]!;
      });
    },
    dispose: () => adam.dispose(),
  };
}

type Loss = (targets: Float32Array, outputs: Tensor2D) => Scalar;

function createLoss(tf: TensorFlow['tf'], spec: TrainableSpec): Loss {
  const classes = classesOf(spec).length;
  const mean = (error: Tensor) => tf.mean(error) as Scalar;
  const difference = (targets: Float32Array, outputs: Tensor2D) =>
    tf.sub(outputs, tf.tensor2d(targets, [targets.length, 1]));
  const losses: Record<Hyperparameters['loss'], Loss> = {
    meanAbsoluteError: (targets, outputs) => mean(tf.abs(difference(targets, outputs))),
    meanSquaredError: (targets, outputs) => mean(tf.square(difference(targets, outputs))),
    crossEntropy(targets, outputs) {
      const truth =
        classes === 2
          ? tf.tensor2d(
              [...targets].flatMap((share) => [1 - share, share]),
              [targets.length, 2],
            )
          : tf.oneHot(tf.tensor1d(targets, 'int32'), classes);
      return tf.neg(mean(tf.sum(tf.mul(tf.logSoftmax(outputs), truth), 1)));
    },
  };
  return losses[spec.hyperparameters.loss];
}

/** Sets the learning rate of Adam, for which there is no public method. */
function setLearningRate(optimizer: AdamOptimizer, learningRate: number): void {
  (optimizer as unknown as { learningRate: number }).learningRate = learningRate;
}

/** Returns a factor of the learning rate: a linear warm-up, then half a cosine to 0 (Loshchilov and Hutter, "SGDR", 2017). */
function schedule(progress: number, warmup: number): number {
  if (progress < warmup) return (progress + 1e-3) / (warmup + 1e-3);
  return (1 + Math.cos(Math.PI * progress)) / 2;
}
