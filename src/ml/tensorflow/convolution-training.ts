import type * as Core from '@tensorflow/tfjs-core';
import type { Info } from './convolution-axes.js';
import { ConvolutionMemory } from './convolution-memory.js';
import { type BackendMemory, memoryOf } from './wasm-memory.js';

/**
 * Registers kernels for training convolutions in the WASM backend, where the gradient by the filter is missing, the one
 * by the input is slow, and that of max pooling is 0 if the maximum is negative. The plan's kernel computes them, and the
 * convolution itself, for which XNNPACK is slower and returns zeros if a stride exceeds the filter. Inference still uses
 * XNNPACK (FusedConv2D), so that it remains independent of the plan.
 */
export function registerConvolutionTraining(tf: typeof Core): void {
  const register = (kernelName: string, kernelFunc: Core.KernelFunc): void => {
    const original = tf.getKernel(kernelName, 'wasm');
    if (original) tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({ ...original, kernelName, backendName: 'wasm', kernelFunc });
  };
  const made = new WeakMap<BackendMemory, ConvolutionMemory>();
  const memory = (backend: unknown): ConvolutionMemory => {
    const of = memoryOf(backend);
    const known = made.get(of) ?? new ConvolutionMemory(of);
    made.set(of, known);
    return known;
  };

  register('Conv2D', ({ inputs, attrs, backend }) => {
    const { x, filter } = inputs as Record<'x' | 'filter', Core.TensorInfo>;
    return memory(backend).convolve(x, filter, infoOf(tf, x.shape, filter.shape, attrs));
  });
  register('Conv2DBackpropFilter', ({ inputs, attrs, backend }) => {
    const { x, dy } = inputs as Record<'x' | 'dy', Core.TensorInfo>;
    const { filterShape } = attrs as { filterShape: number[] };
    return memory(backend).gradientByFilter(x, dy, infoOf(tf, x.shape, filterShape, attrs));
  });
  register('Conv2DBackpropInput', ({ inputs, attrs, backend }) => {
    const { dy, filter } = inputs as Record<'dy' | 'filter', Core.TensorInfo>;
    const { inputShape } = attrs as { inputShape: number[] };
    return memory(backend).gradientByInput(dy, filter, infoOf(tf, inputShape, filter.shape, attrs));
  });
  register('MaxPoolGrad', ({ inputs, attrs, backend }) => {
    const { dy, input, output } = inputs as Record<'dy' | 'input' | 'output', Core.TensorInfo>;
    const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as Core.MaxPoolGradAttrs;
    const shape = input.shape as [number, number, number, number];
    const { computePool2DInfo } = tf.backend_util;
    const info = computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    return memory(backend).gradientOfMaxPool(input, output, dy, info);
  });
}

function infoOf(
  tf: typeof Core,
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: Core.NamedAttrMap | undefined,
): Info {
  const { strides, dilations, pad, dimRoundingMode, dataFormat } = attrs as unknown as {
    strides: number;
    dilations?: number;
    pad: 'same';
    dimRoundingMode?: 'floor';
    dataFormat: 'NHWC' | 'NCHW';
  };
  if (dataFormat === 'NCHW') throw new Error('The WASM backend convolves NHWC only');
  return tf.backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
  );
}
