import { CorruptArtifactError } from '../errors.js';
import type { Value } from '../step.js';
import { axisOf, type LayerCall, onlyInput, unsupported } from './layer.js';

/** Rows and columns. */
export type Pair = readonly [number, number];

/** The movement of a window along one axis of an image. */
export interface Axis {
  /** Pixels of the image, of the window, and of the output. */
  readonly length: number;
  readonly size: number;
  readonly steps: number;
  readonly stride: number;
  /** Pixels of the image between two of the window, plus one. */
  readonly dilation: number;
  /** Pixels by which the first and the last window extend beyond the image. */
  readonly before: number;
  readonly after: number;
}

/** Returns the input of a layer that works on images, [rows, columns, channels]. */
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

/**
 * Lays a layer's windows over its image, rows first.
 *
 * @throws CorruptArtifactError when the image is smaller than the window.
 */
export function readAxes(
  call: LayerCall,
  { shape }: Value,
  size: Pair,
  strides: Pair,
  dilations: Pair = [1, 1],
): readonly [Axis, Axis] {
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
    // An odd pixel of padding is at the end, as in TensorFlow.
    const outside = padding === 'same' ? Math.max(0, (steps - 1) * stride + reach - length) : 0;
    const before = outside >> 1;
    return { length, size: size[i], steps, stride, dilation, before, after: outside - before };
  };
  return [read(0), read(1)];
}

/** Two whole numbers of the layer's config, or one for both. */
export function pairOf(call: LayerCall, key: string, byDefault: Pair): Pair {
  const value = call.config[key] ?? byDefault;
  const pair = Array.isArray(value) ? value : [value, value];
  if (pair.length !== 2 || !pair.every((length) => Number.isInteger(length) && length >= 1)) {
    throw unsupported(call, `its '${key}' is not one or two whole numbers`);
  }
  return [pair[0], pair[1]];
}

/** Refuses an axis that is not the channels of an image. */
export function checkChannelAxis(call: LayerCall): void {
  const axis = axisOf(call);
  if (axis !== -1 && axis !== 3) throw unsupported(call, `its axis is ${axis}, not the channels`);
}
