import { activate } from './activations.js';
import { type FormulaCall, pair, setting, type Tensor } from './tensor.js';

/** The positions of windows along one axis of an image. */
interface Axis {
  steps: number;
  dilation: number;
  start(step: number): number;
}

/** Places windows as TensorFlow does: an odd pixel of the padding `same` is added at the end. */
function axisOf(
  padding: string,
  length: number,
  size: number,
  stride: number,
  dilation: number,
): Axis {
  const reach = (size - 1) * dilation + 1;
  const isSame = padding === 'same';
  const steps = Math.floor(((isSame ? length : length - reach + 1) + stride - 1) / stride);
  const before = isSame ? Math.floor(Math.max(0, (steps - 1) * stride + reach - length) / 2) : 0;
  return { steps, dilation, start: (step) => step * stride - before };
}

interface Windows {
  /** Number of pixels in a window. */
  taps: number;
  channels: number;
  /** Visits each pixel of the output with each pixel of its window inside the image. */
  each(visit: (pixel: number, tap: number, from: number) => void): void;
  /** Creates an output with a number of channels. @param start its initial value */
  output(channels: number, start?: number): Tensor;
}

function windowsOf(
  call: FormulaCall,
  input: Tensor,
  size: [number, number],
  strides: [number, number],
): Windows {
  const [height, width, channels] = input.shape as [number, number, number];
  if (input.shape.length !== 3 || call.config.data_format === 'channels_first')
    throw call.unknown('its input is not an image with channels last');
  const padding = setting(call, 'padding', 'valid');
  const dilations = pair(call, 'dilation_rate', 1);
  const rows = axisOf(padding, height, size[0], strides[0], dilations[0]);
  const columns = axisOf(padding, width, size[1], strides[1], dilations[1]);
  const pixels = rows.steps * columns.steps;
  const taps = size[0] * size[1];
  return {
    taps,
    channels,
    output(filters, start = 0) {
      const values = new Float64Array(input.rows * pixels * filters).fill(start);
      return { rows: input.rows, shape: [rows.steps, columns.steps, filters], values };
    },
    each(visit) {
      for (let out = 0; out < input.rows * pixels; out++) {
        const row = Math.floor(out / pixels);
        const top = rows.start(Math.floor((out % pixels) / columns.steps));
        const left = columns.start(out % columns.steps);
        for (let tap = 0; tap < taps; tap++) {
          const y = top + Math.floor(tap / size[1]) * rows.dilation;
          const x = left + (tap % size[1]) * columns.dilation;
          if (y < 0 || y >= height || x < 0 || x >= width) continue;
          visit(out, tap, ((row * height + y) * width + x) * channels);
        }
      }
    },
  };
}

export function conv2D(call: FormulaCall): Tensor {
  const input = call.inputs[0]!;
  if (setting(call, 'groups', 1) !== 1) throw call.unknown('its channels are in groups');
  const filters = setting(call, 'filters', Number.NaN);
  const size = pair(call, 'kernel_size', 1);
  const kernel = call.weight('kernel', [...size, input.shape[2]!, filters]);
  const windows = windowsOf(call, input, size, pair(call, 'strides', 1));
  return finish(call, convolve(call, input, windows, kernel, filters), filters);
}

function convolve(
  call: FormulaCall,
  input: Tensor,
  { taps, channels, each, output }: Windows,
  kernel: Float32Array,
  filters: number,
): Tensor {
  const result = output(filters);
  const { values } = result;
  call.work(values.length * taps * channels);
  each((pixel, tap, from) => {
    const to = pixel * filters;
    for (let channel = 0; channel < channels; channel++) {
      const x = input.values[from + channel]!;
      const weights = (tap * channels + channel) * filters;
      for (let f = 0; f < filters; f++) values[to + f]! += x * kernel[weights + f]!;
    }
  });
  return result;
}

export function depthwise2D(call: FormulaCall): Tensor {
  const output = depthwise(call);
  return finish(call, output, output.shape[2]!);
}

/** Convolves each channel, then the channels of each pixel. */
export function separable2D(call: FormulaCall): Tensor {
  const between = depthwise(call);
  const filters = setting(call, 'filters', Number.NaN);
  const channels = between.shape[2]!;
  const kernel = call.weight('pointwise_kernel', [1, 1, channels, filters]);
  const windows = windowsOf({ ...call, config: {} }, between, [1, 1], [1, 1]);
  return finish(call, convolve(call, between, windows, kernel, filters), filters);
}

function depthwise(call: FormulaCall): Tensor {
  const input = call.inputs[0]!;
  const size = pair(call, 'kernel_size', 1);
  const several = setting(call, 'depth_multiplier', 1);
  const { taps, channels, each, output } = windowsOf(call, input, size, pair(call, 'strides', 1));
  const kernel = call.weight('depthwise_kernel', [...size, channels, several]);
  const filters = channels * several;
  const result = output(filters);
  const { values } = result;
  call.work(values.length * taps);
  each((pixel, tap, from) => {
    for (let f = 0; f < filters; f++)
      values[pixel * filters + f]! +=
        input.values[from + Math.floor(f / several)]! * kernel[tap * filters + f]!;
  });
  return result;
}

/** Adds the bias and applies the activation. */
function finish(call: FormulaCall, sum: Tensor, filters: number): Tensor {
  if (setting(call, 'use_bias', true)) {
    const bias = call.weight('bias', [filters]);
    sum.values.forEach((x, i) => {
      sum.values[i] = x + bias[i % filters]!;
    });
  }
  return activate(call, sum, setting(call, 'activation', 'linear'));
}

export function maxPool(call: FormulaCall): Tensor {
  return pool(call, Number.NEGATIVE_INFINITY, Math.max);
}

/** Averages each window over its part inside the image. */
export function averagePool(call: FormulaCall): Tensor {
  const counts = pool(call, 0, (count) => count + 1);
  const sums = pool(call, 0, (sum, x) => sum + x);
  return { ...sums, values: sums.values.map((sum, i) => sum / counts.values[i]!) };
}

function pool(call: FormulaCall, start: number, join: (so: number, x: number) => number): Tensor {
  const input = call.inputs[0]!;
  const size = pair(call, 'pool_size', 2);
  const windows = windowsOf(call, input, size, pair(call, 'strides', size));
  const { taps, channels, each } = windows;
  const result = windows.output(channels, start);
  const { values } = result;
  call.work(values.length * taps);
  each((pixel, _tap, from) => {
    for (let c = 0; c < channels; c++) {
      const to = pixel * channels + c;
      values[to] = join(values[to]!, input.values[from + c]!);
    }
  });
  return result;
}

export function globalPool(call: FormulaCall, kind: 'max' | 'average'): Tensor {
  const [height, width, channels] = call.inputs[0]!.shape as [number, number, number];
  const config = { ...call.config, pool_size: [height, width], strides: [1, 1], padding: 'valid' };
  const pooled = (kind === 'max' ? maxPool : averagePool)({ ...call, config });
  return setting(call, 'keepdims', false) ? pooled : { ...pooled, shape: [channels] };
}
