import type { Tensor } from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import type { TensorFlow } from '../tensorflow/backend.js';

/**
 * Creates a dropout layer (Srivastava et al., 2014) that draws from `random` in each step: that of TensorFlow.js is not
 * reproducible or, if seeded, drops the same inputs in every step.
 */
export function createDropout(
  { tf, layers: { layers: all } }: TensorFlow,
  name: string,
  rate: number,
  random: () => number,
): layers.Layer {
  class SeededDropout extends all.Layer {
    static className = 'SeededDropout';

    override call(inputs: Tensor | Tensor[], { training }: { training?: boolean }): Tensor {
      const [input] = [inputs].flat() as [Tensor];
      if (!training) return input;
      const kept = Float32Array.from({ length: input.size }, () =>
        random() < rate ? 0 : 1 / (1 - rate),
      );
      return tf.mul(input, tf.tensor(kept, input.shape));
    }
  }
  return new SeededDropout({ name });
}
