import { rowByRow, Value } from '../step.js';
import type { LayerCall, LayerCompiler } from './layer.js';
import { type Axes, type Axis, onlyImage, pairOf, readAxes } from './window.js';

type Reduction = 'maxPool' | 'averagePool';

export const compileMaxPooling: LayerCompiler = (call) => pool(call, 'maxPool');
export const compileAveragePooling: LayerCompiler = (call) => pool(call, 'averagePool');
export const compileGlobalMaxPooling: LayerCompiler = (call) => poolAll(call, 'maxPool');
export const compileGlobalAveragePooling: LayerCompiler = (call) => poolAll(call, 'averagePool');

function pool(call: LayerCall, reduction: Reduction): Value {
  const input = onlyImage(call);
  const size = pairOf(call, 'pool_size', [2, 2]);
  const axes = readAxes(call, input, size, pairOf(call, 'strides', size));
  const output = new Value([axes[0].steps, axes[1].steps, input.shape[2]!]);
  return addPooling(call, input, output, axes, reduction);
}

function poolAll(call: LayerCall, reduction: Reduction): Value {
  const input = onlyImage(call);
  const [rows, columns, channels] = input.shape as [number, number, number];
  const axes = readAxes(call, input, [rows, columns], [1, 1]);
  const output = new Value(call.config.keepdims === true ? [1, 1, channels] : [channels]);
  return addPooling(call, input, output, axes, reduction);
}

/** Reduces each window of an image to one pixel, channel by channel. */
function addPooling(
  call: LayerCall,
  input: Value,
  output: Value,
  axes: Axes,
  reduction: Reduction,
): Value {
  const [, columns, channels] = input.shape as [number, number, number];
  return call.add({
    inputs: [input],
    output,
    inPlace: false,
    emit(arena, [x], y) {
      const windows = arena.storeIntegers(poolingTable(axes, channels));
      const pixels = axes[0].steps * axes[1].steps;
      const reduce = arena.kernel[reduction];
      return rowByRow(x!, y, (from, to) =>
        reduce(from, windows, pixels, channels, columns * channels, to),
      );
    },
  });
}

/** Returns the part of each window inside the image, in the format of `kernel/assembly/pooling.ts`. */
export function poolingTable([height, width]: Axes, channels: number): Uint32Array {
  const windows: number[] = [];
  for (let i = 0; i < height.steps; i++) {
    const [top, rows] = inside(height, i);
    for (let j = 0; j < width.steps; j++) {
      const [left, columns] = inside(width, j);
      windows.push(4 * channels * (top * width.length + left), rows, columns);
    }
  }
  return Uint32Array.from(windows);
}

/** Returns the first pixel of a window inside the image, and their number. */
function inside({ length, size, stride, before }: Axis, step: number): readonly [number, number] {
  const first = step * stride - before;
  const start = Math.max(0, first);
  return [start, Math.max(0, Math.min(length, first + size) - start)];
}
