import type { Arena } from '../arena.js';
import { convolver } from '../convolver.js';
import { type Place, type Step, Value } from '../step.js';
import { addActivation } from './activation.js';
import { flagOf, type LayerCompiler, numberOf, unsupported } from './layer.js';
import { packPanels } from './pack.js';
import { type Axis, onlyImage, pairOf, readAxes } from './window.js';

/** y = max(x * W + b, low), where * slides W over the rows and columns of an image. */
export class Convolution implements Step {
  readonly inputs: readonly [Value];
  readonly inPlace = false;

  /** `kernel` is W, [rows, columns, channels, filters] row-major as Keras has it. */
  constructor(
    readonly input: Value,
    readonly output: Value,
    readonly axes: readonly [Axis, Axis],
    readonly kernel: Float32Array,
    readonly bias: Float32Array,
    /** 0 where a ReLU is part of it. */
    readonly low = Number.NEGATIVE_INFINITY,
  ) {
    this.inputs = [input];
  }

  emit(arena: Arena, [x]: readonly [Place], y: Place): (rows: number) => void {
    const filters = this.bias.length;
    const code = convolver(arena, this.axes, this.input.shape[2]!, filters);
    const packed = packPanels(this.kernel, code.window, filters);
    arena.view(code.packed, packed.length).set(packed);
    arena.view(code.bias, filters).set(this.bias);
    const { low } = this;
    return (rows) => {
      for (let row = 0; row < rows; row++) {
        code.run(x.address + 4 * x.stride * row, y.address + 4 * y.stride * row, low);
      }
    };
  }
}

/** Conv2D: a convolution, its bias and its activation. */
export const compileConv2D: LayerCompiler = (call) => {
  const input = onlyImage(call);
  if (numberOf(call, 'groups', 1) !== 1) throw unsupported(call, 'its channels are in groups');
  const channels = input.shape[2]!;
  const filters = numberOf(call, 'filters', Number.NaN);
  const size = pairOf(call, 'kernel_size', [1, 1]);
  const strides = pairOf(call, 'strides', [1, 1]);
  const axes = readAxes(call, input, size, strides, pairOf(call, 'dilation_rate', [1, 1]));
  const kernel = call.weight('kernel', [...size, channels, filters]);
  const bias = flagOf(call, 'use_bias')
    ? call.weight('bias', [filters])
    : new Float32Array(filters);
  const output = new Value([axes[0].steps, axes[1].steps, filters]);
  const sum = call.add(new Convolution(input, output, axes, kernel, bias));
  return addActivation(call, sum, call.config.activation ?? 'linear');
};
