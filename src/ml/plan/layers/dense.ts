import type { Arena } from '../arena.js';
import { type Place, paddedCopy, type Step, Value } from '../step.js';
import { addActivation } from './activation.js';
import { biasOf, type LayerCompiler, numberOf, onlyFlatInput } from './layer.js';
import { packPanels } from './pack.js';

/** y = x W + b. */
export class Dense implements Step {
  readonly inputs: readonly [Value];
  readonly inPlace = false;

  /** @param kernel W, [inputs, outputs] row-major, as in Keras @param bias one per output */
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

/** Compiles a Dense layer with its bias and activation. */
export const compileDense: LayerCompiler = (call) => {
  const input = onlyFlatInput(call);
  const units = numberOf(call, 'units', Number.NaN);
  const kernel = call.weight('kernel', [input.width, units]);
  const product = call.add(new Dense(input, new Value([units]), kernel, biasOf(call, units)));
  return addActivation(call, product);
};
