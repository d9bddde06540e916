import {
  compileActivation,
  compileElu,
  compileLeakyRelu,
  compileRelu,
  compileSoftmax,
} from './activation.js';
import { compileConv2D, compileDepthwiseConv2D, compileSeparableConv2D } from './convolution.js';
import { compileDense } from './dense.js';
import { compileEmbedding } from './embedding.js';
import type { LayerCompiler } from './layer.js';
import { compileAdd, compileAverage, compileConcatenate, compileMultiply } from './merge.js';
import { compileBatchNormalization } from './normalization.js';
import {
  compileAveragePooling,
  compileGlobalAveragePooling,
  compileGlobalMaxPooling,
  compileMaxPooling,
} from './pooling.js';
import { compileFlatten, compileNoOp, compileReshape } from './shape.js';

/** All layers that the plan supports, by their Keras classes. */
export const LAYERS: ReadonlyMap<string, LayerCompiler> = new Map([
  ['Dense', compileDense],
  ['Embedding', compileEmbedding],

  ['Conv2D', compileConv2D],
  ['DepthwiseConv2D', compileDepthwiseConv2D],
  ['SeparableConv2D', compileSeparableConv2D],
  ['MaxPooling2D', compileMaxPooling],
  ['AveragePooling2D', compileAveragePooling],
  ['GlobalMaxPooling2D', compileGlobalMaxPooling],
  ['GlobalAveragePooling2D', compileGlobalAveragePooling],

  ['Activation', compileActivation],
  ['ReLU', compileRelu],
  ['LeakyReLU', compileLeakyRelu],
  ['ELU', compileElu],
  ['Softmax', compileSoftmax],

  ['BatchNormalization', compileBatchNormalization],

  ['Add', compileAdd],
  ['Average', compileAverage],
  ['Multiply', compileMultiply],
  ['Concatenate', compileConcatenate],

  ['Flatten', compileFlatten],
  ['Reshape', compileReshape],

  // These act only in training.
  ['Dropout', compileNoOp],
  ['SpatialDropout2D', compileNoOp],
  ['AlphaDropout', compileNoOp],
  ['GaussianDropout', compileNoOp],
  ['GaussianNoise', compileNoOp],
]);
