import type { Arena } from '../arena.js';
import { type Place, paddedCopy, type Step, Value } from '../step.js';
import { checkColumnAxis, flagOf, type LayerCompiler, numberOf, onlyFlatInput } from './layer.js';

/** y = x * factor + shift, column by column. */
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
    const factor = arena.store(paddedCopy(this.factor));
    const shift = arena.store(paddedCopy(this.shift));
    const { kernel } = arena;
    return (rows: number) => kernel.affine(address, address, rows, stride, factor, shift);
  }
}

/**
 * At inference gamma (x - mean) / sqrt(variance + epsilon) + beta with the moving mean and variance,
 * so factor = gamma / sqrt(variance + epsilon) and shift = beta - mean * factor.
 */
export const compileBatchNormalization: LayerCompiler = (call) => {
  checkColumnAxis(call);
  const input = onlyFlatInput(call);
  const { shape, width } = input;
  const epsilon = numberOf(call, 'epsilon', 1e-3);
  const gamma = flagOf(call, 'scale')
    ? call.weight('gamma', shape)
    : new Float32Array(width).fill(1);
  const beta = flagOf(call, 'center') ? call.weight('beta', shape) : new Float32Array(width);
  const mean = call.weight('moving_mean', shape);
  const variance = call.weight('moving_variance', shape);
  const factor = gamma.map((value, i) => value / Math.sqrt(variance[i]! + epsilon));
  const shift = beta.map((value, i) => value - mean[i]! * factor[i]!);
  return call.add(new Affine(input, new Value(shape), factor, shift));
};
