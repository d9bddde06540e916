import { CorruptArtifactError } from '../errors.js';
import type { Value } from '../step.js';
import { type LayerCall, onlyInput, unsupported } from './layer.js';

/** Rows and columns. */
type Pair = readonly [number, number];

/** The movement of a window along one axis of an image. */
export interface Axis {
  /** Pixels of the image, of the window, and of the output. */
  readonly length: number;
  readonly size: number;
  readonly steps: number;
  readonly stride: number;
  /** Distance of neighbouring pixels of the window in the image. */
  readonly dilation: number;
  /** Number of pixels by which the first and the last window exceed the image. */
  readonly before: number;
  readonly after: number;
}

/** Rows and columns. */
export type Axes = readonly [Axis, Axis];

/** Returns the only input of a layer that takes images, [rows, columns, channels]. */
export function onlyImage(call: LayerCall): Value {
  const input = onlyInput(call);
  if (input.shape.length !== 3) {
    throw unsupported(call, `its input has shape [${input.shape}], not rows, columns and channels`);
  }
  if (call.config.data_format === 'channels_first') {
    throw unsupported(call, 'its data has channels first');
  }
  return input;
}

/** Places a layer's windows on its image. @throws CorruptArtifactError if the image is smaller than the window */
export function readAxes(
  call: LayerCall,
  { shape }: Value,
  size: Pair,
  strides: Pair,
  dilations: Pair = [1, 1],
): Axes {
  const padding = call.config.padding ?? 'valid';
  if (padding !== 'valid' && padding !== 'same') {
    throw unsupported(call, `its padding is ${JSON.stringify(padding)}`);
  }
  const read = (i: 0 | 1): Axis => {
    const [length, stride, dilation] = [shape[i]!, strides[i], dilations[i]];
    const reach = (size[i] - 1) * dilation + 1;
    const steps = Math.ceil((padding === 'same' ? length : length - reach + 1) / stride);
    if (!(steps >= 1)) {
      throw new CorruptArtifactError(
        `The image of layer '${call.name}' is smaller than its window`,
      );
    }
    // An odd pixel of padding is added at the end, as in TensorFlow.
    const outside = padding === 'same' ? Math.max(0, (steps - 1) * stride + reach - length) : 0;
    const before = outside >> 1;
    return { length, size: size[i], steps, stride, dilation, before, after: outside - before };
  };
  return [read(0), read(1)];
}

/** Reads the kernel size of a convolution, and places its windows on the image. */
export function readKernel(call: LayerCall, input: Value): { size: Pair; axes: Axes } {
  const size = pairOf(call, 'kernel_size', [1, 1]);
  const [strides, dilations] = ['strides', 'dilation_rate'].map((key) => pairOf(call, key, [1, 1]));
  return { size, axes: readAxes(call, input, size, strides!, dilations) };
}

/** Returns two integers of the layer's config, or one for both. */
export function pairOf(call: LayerCall, key: string, byDefault: Pair): Pair {
  const value = call.config[key] ?? byDefault;
  const pair = Array.isArray(value) ? value : [value, value];
  if (pair.length !== 2 || !pair.every((length) => Number.isInteger(length) && length >= 1)) {
    throw unsupported(call, `its '${key}' is not one or two whole numbers`);
  }
  return [pair[0], pair[1]];
}
