import type { Kernel } from './kernel/kernel.js';
import type { Axis } from './layers/window.js';
import { padded } from './step.js';

/** A WebAssembly memory to reserve room in, and the kernel that computes in it. */
export interface Workspace {
  readonly kernel: Kernel;
  /** Reserves a number of floats, all 0. @returns their address */
  reserve(floats: number): number;
  storeIntegers(values: Uint32Array): number;
}

/** A convolution of images, one at a time, without its weights. */
export interface Convolver {
  /** Address for the weights, packed in panels: `window * lanes` floats. */
  readonly packed: number;
  /** Address for `lanes` biases. */
  readonly bias: number;
  /** Number of floats in a window. */
  readonly window: number;
  /** Number of filters, padded. */
  readonly lanes: number;
  /** Convolves the image at address x to y. @param low lower bound of the results */
  run(x: number, y: number, low: number): void;
}

/** Prepares a convolution of images. @param frame default: pads an image with zeros where windows exceed it */
export function convolver(
  workspace: Workspace,
  axes: readonly [Axis, Axis],
  channels: number,
  filters: number,
  frame: Framer = framer(workspace, axes, channels),
): Convolver {
  const [height, width] = axes;
  const { kernel } = workspace;
  const lanes = padded(filters);
  const pixels = height.steps * width.steps;
  const window = height.size * width.size * channels;
  const { offsets, runs, runLength } = windowTable(axes, channels);
  const offsetsAt = workspace.storeIntegers(offsets);
  const runsAt = workspace.storeIntegers(runs);
  const runCount = runs.length;
  const packed = workspace.reserve(window * lanes);
  const bias = workspace.reserve(lanes);
  // Filters that do not fill a vector leave gaps between the pixels, which are removed afterwards.
  const wide = lanes === filters ? undefined : workspace.reserve(pixels * lanes);
  return {
    packed,
    bias,
    window,
    lanes,
    run(x, y, low) {
      const [image, to] = [frame(x), wide ?? y];
      const { convolve } = kernel;
      convolve(image, offsetsAt, pixels, runsAt, runCount, runLength, packed, bias, to, lanes, low);
      if (wide !== undefined) kernel.copyColumns(wide, lanes, y, filters, filters, pixels);
    },
  };
}

/** Returns the address of an image that is padded with zeros where windows exceed it. */
export type Framer = (image: number) => number;

/** Prepares a frame of zeros for images. Images that need no padding are not copied. */
export function framer(
  workspace: Workspace,
  [height, width]: readonly [Axis, Axis],
  channels: number,
): Framer {
  const row = width.length * channels;
  const framedRow = (width.before + width.length + width.after) * channels;
  const rows = height.before + height.length + height.after;
  if (framedRow === row && rows === height.length) return (image) => image;
  const frame = workspace.reserve(rows * framedRow);
  const inner = frame + 4 * (height.before * framedRow + width.before * channels);
  const { kernel } = workspace;
  return (image) => {
    kernel.copyColumns(image, row, inner, framedRow, row, height.length);
    return frame;
  };
}

/**
 * Returns the positions of windows in a framed image, in the format of `kernel/assembly/convolution.ts`; `taps` are the
 * positions of the floats of a window.
 */
export function windowTable([height, width]: readonly [Axis, Axis], channels: number) {
  const rowBytes = 4 * channels * (width.before + width.length + width.after);
  const offsets = new Uint32Array(height.steps * width.steps).map((_, pixel) => {
    const row = Math.floor(pixel / width.steps);
    const column = pixel % width.steps;
    return row * height.stride * rowBytes + column * width.stride * 4 * channels;
  });
  // Without dilation, the pixels of a row of the window are contiguous: one run.
  const perRow = width.dilation === 1 ? 1 : width.size;
  const runs = new Uint32Array(height.size * perRow).map((_, run) => {
    const row = Math.floor(run / perRow);
    return row * height.dilation * rowBytes + (run % perRow) * width.dilation * 4 * channels;
  });
  const runLength = (width.size / perRow) * channels;
  const taps = new Uint32Array(runs.length * runLength).map(
    (_, tap) => runs[Math.floor(tap / runLength)]! + 4 * (tap % runLength),
  );
  return { offsets, runs, runLength, taps };
}
