import type { Arena } from '../arena.js';
import { type Place, padded, paddedCopy, type Step, Value } from '../step.js';
import { addActivation } from './activation.js';
import { flagOf, type LayerCompiler, numberOf, onlyFlatInput } from './layer.js';

/** y = x W + b. */
export class Dense implements Step {
  readonly inputs: readonly [Value];
  readonly inPlace = false;

  /** `kernel` is W, [inputs, outputs] row-major as Keras has it; `bias` has as many as outputs. */
  constructor(
    readonly input: Value,
    readonly output: Value,
    readonly kernel: Float32Array,
    readonly bias: Float32Array,
  ) {
    this.inputs = [input];
  }

  emit(arena: Arena, [x]: readonly [Place], y: Place): (rows: number) => void {
    const inputs = this.input.width;
    const packed = arena.store(packKernel(this.kernel, inputs, this.output.width));
    const bias = arena.store(paddedCopy(this.bias));
    const { kernel } = arena;
    return (rows) =>
      kernel.dense(x.address, x.stride, rows, inputs, packed, bias, y.address, y.stride);
  }
}

/** Reorders W into the panels that `kernel/assembly/dense.ts` reads, padded with columns of zeros. */
function packKernel(kernel: Float32Array, inputs: number, outputs: number): Float32Array {
  const width = padded(outputs);
  const packed = new Float32Array(inputs * width);
  let next = 0;
  for (let first = 0; first < width; first += 8) {
    const panel = Math.min(8, width - first);
    for (let input = 0; input < inputs; input++) {
      const row = input * outputs;
      packed.set(kernel.subarray(row + first, row + Math.min(first + panel, outputs)), next);
      next += panel;
    }
  }
  return packed;
}

/** Dense: a product, its bias and its activation. */
export const compileDense: LayerCompiler = (call) => {
  const input = onlyFlatInput(call);
  const units = numberOf(call, 'units', Number.NaN);
  const kernel = call.weight('kernel', [input.width, units]);
  const bias = flagOf(call, 'use_bias') ? call.weight('bias', [units]) : new Float32Array(units);
  const product = call.add(new Dense(input, new Value([units]), kernel, bias));
  return addActivation(call, product, call.config.activation ?? 'linear');
};
