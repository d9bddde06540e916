import type { Arena } from '../arena.js';
import { type Place, padded, type Step, Value } from '../step.js';
import {
  checkLastAxis,
  type LayerCompiler,
  numberOf,
  onlyInput,
  optionalWeight,
  unsupported,
} from './layer.js';

/** y = x * factor + shift along the last axis: by column or, in an image, by channel. */
export class Affine implements Step {
  readonly inputs: readonly [Value];
  readonly inPlace = true;

  constructor(
    readonly input: Value,
    readonly output: Value,
    readonly factor: Float32Array,
    readonly shift: Float32Array,
  ) {
    this.inputs = [input];
  }

  emit(arena: Arena, _inputs: readonly Place[], { address, stride }: Place) {
    const factor = arena.store(this.#row(this.factor));
    const shift = arena.store(this.#row(this.shift));
    const { kernel } = arena;
    return (rows: number) => kernel.affine(address, address, rows, stride, factor, shift);
  }

  /** Repeats the values to fill a row, followed by zeros for its padding. */
  #row(values: Float32Array): Float32Array {
    const { width } = this.output;
    const row = new Float32Array(padded(width));
    for (let at = 0; at < width; at += values.length) row.set(values, at);
    return row;
  }
}

/**
 * Compiles a BatchNormalization: gamma (x - mean) / sqrt(variance + epsilon) + beta with the moving mean and variance,
 * so factor = gamma / sqrt(variance + epsilon) and shift = beta - mean * factor.
 */
export const compileBatchNormalization: LayerCompiler = (call) => {
  const input = onlyInput(call);
  const { length: axes } = input.shape;
  if (axes !== 1 && axes !== 3) throw unsupported(call, `its input has shape [${input.shape}]`);
  checkLastAxis(call, axes, axes === 1 ? 'columns' : 'channels');
  const size = input.shape.at(-1)!;
  const epsilon = numberOf(call, 'epsilon', 1e-3);
  const gamma = optionalWeight(call, 'scale', 'gamma', size, 1);
  const beta = optionalWeight(call, 'center', 'beta', size);
  const mean = call.weight('moving_mean', [size]);
  const variance = call.weight('moving_variance', [size]);
  const factor = gamma.map((value, i) => value / Math.sqrt(variance[i]! + epsilon));
  const shift = beta.map((value, i) => value - mean[i]! * factor[i]!);
  return call.add(new Affine(input, new Value(input.shape), factor, shift));
};
