import type { Arena } from '../arena.js';
import { type Place, padded, type Step, Value } from '../step.js';
import {
  checkColumnAxis,
  flagOf,
  type LayerCompiler,
  numberOf,
  onlyInput,
  unsupported,
} from './layer.js';
import { checkChannelAxis } from './window.js';

/** y = x * factor + shift, by column or, in an image, by channel: along the last axis. */
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

  /** The values over and over for a whole row, which ends in zeros for its padding. */
  #row(values: Float32Array): Float32Array {
    const { width } = this.output;
    const row = new Float32Array(padded(width));
    for (let at = 0; at < width; at += values.length) row.set(values, at);
    return row;
  }
}

/**
 * At inference gamma (x - mean) / sqrt(variance + epsilon) + beta with the moving mean and variance,
 * so factor = gamma / sqrt(variance + epsilon) and shift = beta - mean * factor.
 */
export const compileBatchNormalization: LayerCompiler = (call) => {
  const input = onlyInput(call);
  if (input.shape.length === 1) checkColumnAxis(call);
  else if (input.shape.length === 3) checkChannelAxis(call);
  else throw unsupported(call, `its input has shape [${input.shape}]`);
  const size = input.shape.at(-1)!;
  const epsilon = numberOf(call, 'epsilon', 1e-3);
  const gamma = flagOf(call, 'scale')
    ? call.weight('gamma', [size])
    : new Float32Array(size).fill(1);
  const beta = flagOf(call, 'center') ? call.weight('beta', [size]) : new Float32Array(size);
  const mean = call.weight('moving_mean', [size]);
  const variance = call.weight('moving_variance', [size]);
  const factor = gamma.map((value, i) => value / Math.sqrt(variance[i]! + epsilon));
  const shift = beta.map((value, i) => value - mean[i]! * factor[i]!);
  return call.add(new Affine(input, new Value(input.shape), factor, shift));
};
