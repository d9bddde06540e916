import type * as Core from '@tensorflow/tfjs-core';
import type { Axis } from '../plan/layers/window.js';

/** TensorFlow.js' description of a convolution or pooling. */
export type Info = Core.backend_util.Conv2DInfo;

/** Rows and columns. */
export type Axes = readonly [Axis, Axis];

/** Converts TensorFlow.js' description of a convolution or pooling to that of the plan. */
export function axesOf(info: Info): Axes {
  const axis = (
    length: number,
    size: number,
    steps: number,
    stride: number,
    dilation: number,
    before: number,
  ): Axis => {
    const reach = (steps - 1) * stride + (size - 1) * dilation + 1;
    return {
      length,
      size,
      steps,
      stride,
      dilation,
      before,
      after: Math.max(0, reach - length - before),
    };
  };
  const { padInfo } = info;
  return [
    axis(
      info.inHeight,
      info.filterHeight,
      info.outHeight,
      info.strideHeight,
      info.dilationHeight,
      padInfo.top,
    ),
    axis(
      info.inWidth,
      info.filterWidth,
      info.outWidth,
      info.strideWidth,
      info.dilationWidth,
      padInfo.left,
    ),
  ];
}

/**
 * Returns the axis of the gradient: each pixel of the image reads the output pixels of its windows, at the distance of
 * the windows.
 */
export function turn({ length, size, steps, stride, before }: Axis): Axis {
  const spread = (steps - 1) * stride + 1;
  const front = size - 1 - before;
  const after = length + size - 1 - spread - front;
  if (front < 0 || after < 0) throw new Error('The padding is wider than the filter');
  return { length: spread, size, steps: length, stride: 1, dilation: 1, before: front, after };
}
