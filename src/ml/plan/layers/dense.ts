import type { Arena } from '../arena.js';
import { type Place, paddedCopy, type Step, Value } from '../step.js';
import { addActivation } from './activation.js';
import { flagOf, type LayerCompiler, numberOf, onlyFlatInput } from './layer.js';
import { packPanels } from './pack.js';

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
    const packed = arena.store(packPanels(this.kernel, inputs, this.output.width));
    const bias = arena.store(paddedCopy(this.bias));
    const { kernel } = arena;
    return (rows) =>
      kernel.dense(x.address, x.stride, rows, inputs, packed, bias, y.address, y.stride);
  }
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
