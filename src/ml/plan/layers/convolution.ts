import type { Arena } from '../arena.js';
import { type Place, padded, paddedCopy, type Step, Value } from '../step.js';
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
    const [height, width] = this.axes;
    const channels = this.input.shape[2]!;
    const filters = this.bias.length;
    const lanes = padded(filters);
    const pixels = height.steps * width.steps;
    const image = framed(arena, this.axes, channels);
    const { offsets, runs, runLength } = windowTable(this.axes, channels);
    const window = height.size * width.size * channels;
    const packed = arena.store(packPanels(this.kernel, window, filters));
    const bias = arena.store(paddedCopy(this.bias));
    const offsetsAt = arena.storeIntegers(offsets);
    const runsAt = arena.storeIntegers(runs);
    // Filters that fill no vector leave gaps between the pixels, to be closed afterwards.
    const wide = lanes === filters ? undefined : arena.reserve(pixels * lanes);
    const { kernel } = arena;
    const { low } = this;
    return (rows) => {
      for (let row = 0; row < rows; row++) {
        const from = image(x.address + 4 * x.stride * row);
        const to = y.address + 4 * y.stride * row;
        kernel.convolve(
          from,
          offsetsAt,
          pixels,
          runsAt,
          runs.length,
          runLength,
          packed,
          bias,
          wide ?? to,
          lanes,
          low,
        );
        if (wide !== undefined) kernel.copyColumns(wide, lanes, to, filters, filters, pixels);
      }
    };
  }
}

/** Answers the address of an image with zeros around it, wherever a window reaches out of it. */
function framed(
  arena: Arena,
  [height, width]: readonly [Axis, Axis],
  channels: number,
): (image: number) => number {
  const row = width.length * channels;
  const framedRow = (width.before + width.length + width.after) * channels;
  const rows = height.before + height.length + height.after;
  if (framedRow === row && rows === height.length) return (image) => image;
  const frame = arena.reserve(rows * framedRow);
  const inner = frame + 4 * (height.before * framedRow + width.before * channels);
  const { kernel } = arena;
  return (image) => {
    kernel.copyColumns(image, row, inner, framedRow, row, height.length);
    return frame;
  };
}

/** Where the windows lie in a framed image, as `kernel/assembly/convolution.ts` asks. */
function windowTable([height, width]: readonly [Axis, Axis], channels: number) {
  const rowBytes = 4 * channels * (width.before + width.length + width.after);
  const offsets = new Uint32Array(height.steps * width.steps).map((_, pixel) => {
    const row = Math.floor(pixel / width.steps);
    const column = pixel % width.steps;
    return row * height.stride * rowBytes + column * width.stride * 4 * channels;
  });
  // Undilated, the pixels of a row of the window are neighbours: one run.
  const perRow = width.dilation === 1 ? 1 : width.size;
  const runs = new Uint32Array(height.size * perRow).map((_, run) => {
    const row = Math.floor(run / perRow);
    return row * height.dilation * rowBytes + (run % perRow) * width.dilation * 4 * channels;
  });
  return { offsets, runs, runLength: (width.size / perRow) * channels };
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
