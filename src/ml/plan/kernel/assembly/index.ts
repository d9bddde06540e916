// The arithmetic of a compiled plan: float32, 128-bit SIMD, no heap. Pointers are byte addresses in the plan's memory;
// sizes and counts are in floats.
export { dense } from './dense';
export { convolve } from './convolution';
export { convolveDepthwise } from './depthwise';
export { maxPool, averagePool, addMaxPoolGradient } from './pooling';
export { addWeightGradient } from './gradients';
export {
  relu,
  clippedRelu,
  leakyRelu,
  elu,
  selu,
  sigmoid,
  hardSigmoid,
  tanh,
  softplus,
  softsign,
  swish,
  mish,
  gelu,
} from './activations';
export { softmax } from './softmax';
export { add, multiply, scale, affine, copyColumns, gather, sumRows } from './elementwise';
