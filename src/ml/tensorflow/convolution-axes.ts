import type * as Core from '@tensorflow/tfjs-core';
import type { Axes, Axis } from '../plan/layers/window.js';

/** The sizes of a convolution or pooling in TensorFlow.js. */
export type Info = Core.backend_util.Conv2DInfo;

/** Converts the sizes of a convolution or pooling to those of the plan. */
export function axesOf(info: Info): Axes {
  const axis = (side: 'Height' | 'Width', before: number): Axis => {
    const [length, size, steps] = [info[`in${side}`], info[`filter${side}`], info[`out${side}`]];
    const [stride, dilation] = [info[`stride${side}`], info[`dilation${side}`]];
    const reach = (steps - 1) * stride + (size - 1) * dilation + 1;
    const after = Math.max(0, reach - length - before);
    return { length, size, steps, stride, dilation, before, after };
  };
  return [axis('Height', info.padInfo.top), axis('Width', info.padInfo.left)];
}

/**
 * Returns the axis of the gradient: each pixel of the image takes those of the output whose windows contain it, as far
 * apart as the windows.
 */
export function turn({ length, size, steps, stride, before }: Axis): Axis {
  const spread = (steps - 1) * stride + 1;
  const front = size - 1 - before;
  const after = length + size - 1 - spread - front;
  if (front < 0 || after < 0) throw new Error('The padding is wider than the filter');
  return { length: spread, size, steps: length, stride: 1, dilation: 1, before: front, after };
}
