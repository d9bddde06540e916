import type * as Core from '@tensorflow/tfjs-core';
import type { Axis } from '../plan/layers/window.js';

/** What TensorFlow.js works out about a convolution or a pooling. */
export type Info = Core.backend_util.Conv2DInfo;

/** Rows and columns. */
export type Axes = readonly [Axis, Axis];

/** TensorFlow.js's account of a convolution or pooling as the plan has it. */
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
 * The axis of the way back: each pixel of the image sees the output pixels whose windows it lay in. They
 * are as far apart as the windows were.
 */
export function turn({ length, size, steps, stride, before }: Axis): Axis {
  const spread = (steps - 1) * stride + 1;
  const front = size - 1 - before;
  const after = length + size - 1 - spread - front;
  if (front < 0 || after < 0) throw new Error('The padding is wider than the filter');
  return { length: spread, size, steps: length, stride: 1, dilation: 1, before: front, after };
}
