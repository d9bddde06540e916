import type * as Core from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import { registerConvolutionTraining } from './convolution-training.js';
import { registerSegmentSum } from './segment-sum.js';
import { memoryOf, type WasmBackend } from './wasm-memory.js';

/** TensorFlow.js with a backend. */
export interface TensorFlow {
  tf: typeof Core;
  layers: typeof Layers;
  /** `tensorflow` is the native library, `wasm` the portable one. */
  backend: 'tensorflow' | 'wasm';
  version: string;
}

let loaded: Promise<TensorFlow> | undefined;

/**
 * Loads TensorFlow.js once per process: the first call decides on the backend. It is large, and only needed for
 * training, parity checks and imported models, so it is not imported at start-up.
 * @param prefer `wasm` selects the portable backend even if the native one is available
 */
export function loadTensorFlow(prefer: TensorFlow['backend'] = 'tensorflow'): Promise<TensorFlow> {
  loaded ??= load(prefer);
  return loaded;
}

async function load(prefer: TensorFlow['backend']): Promise<TensorFlow> {
  // tfjs-node imports the same two modules, so there is one engine and one registry of layers.
  const tf = await import('@tensorflow/tfjs-core');
  const layers = await import('@tensorflow/tfjs-layers');
  const native = prefer === 'tensorflow' && (await setNativeBackend(tf));
  if (!native) {
    await import('@tensorflow/tfjs-backend-wasm');
    speedUpTraining(tf);
    registerSegmentSum(tf);
    if (!(await tf.setBackend('wasm')))
      throw new Error('the wasm backend of TensorFlow.js does not work');
  }
  return { tf, layers, backend: native ? 'tensorflow' : 'wasm', version: tf.version_core };
}

/**
 * Sets the native backend, which is optional: the package or its library may be missing, and on Node 23 and later it
 * loads but fails. So it must compute a product first.
 */
async function setNativeBackend(tf: typeof Core): Promise<boolean> {
  // Not a literal, since the types of an optional package cannot be resolved.
  const name: string = '@tensorflow/tfjs-node';
  try {
    await import(name);
    if (!(await tf.setBackend('tensorflow'))) return false;
    return tf.tidy(() => tf.matMul(tf.tensor2d([[3]]), tf.tensor2d([[2]])).dataSync()[0] === 6);
  } catch {
    return false;
  }
}

/**
 * Replaces the kernels of the WASM backend that take nine tenths of a training step of a dense network. A step of a
 * 28-128-128-64-1 swish network on 512 rows (mean absolute error, Adam) then takes about 7.5 ms instead of 31.
 */
function speedUpTraining(tf: typeof Core): void {
  replaceKernel(tf, 'BatchMatMul', multiplyTransposed(tf));
  replaceKernel(tf, 'Identity', shareIdentity);
  replaceKernel(tf, 'Sum', sumLeadingAxes(tf));
  registerConvolutionTraining(tf);
}

type Replace = (original: Core.KernelFunc) => Core.KernelFunc;

function replaceKernel(tf: typeof Core, kernelName: string, replace: Replace): void {
  const config = tf.getKernel(kernelName, 'wasm');
  tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ ...config, kernelFunc: replace(config.kernelFunc) });
}

/**
 * Transposes matrices before they are multiplied: XNNPACK multiplies only plain ones, and the backend's loop for
 * transposed ones, as in every gradient of a dense layer, is about seven times slower.
 */
function multiplyTransposed(tf: typeof Core): Replace {
  const transpose = tf.getKernel('Transpose', 'wasm').kernelFunc;
  return (multiply) => (params) => {
    const { inputs, attrs, backend } = params;
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
    const plain = (x: Core.TensorInfo): Core.TensorInfo => {
      const perm = x.shape.map((_, axis) => axis);
      perm.push(...perm.splice(-2).reverse());
      return transpose({ inputs: { x }, attrs: { perm }, backend }) as Core.TensorInfo;
    };
    const a = transposeA ? plain(inputs.a!) : inputs.a!;
    const b = transposeB ? plain(inputs.b!) : inputs.b!;
    const plainAttrs = { transposeA: false, transposeB: false };
    const product = multiply({ inputs: { a, b }, attrs: plainAttrs, backend });
    if (transposeA) storageOf(backend).disposeData(a.dataId);
    if (transposeB) storageOf(backend).disposeData(b.dataId);
    return product;
  };
}

/**
 * Lets a clone share the memory of its source, since tensors never change. The clone of a reshaped tensor is copied:
 * fused products take the shape of a bias from the storage.
 */
const shareIdentity: Replace =
  (copy) =>
  (params): Core.TensorInfo | Core.TensorInfo[] => {
    const { dataId, shape, dtype } = params.inputs.x!;
    const storage = storageOf(params.backend);
    const stored = storage.dataIdMap.get(dataId).shape;
    if (dtype === 'string' || String(stored) !== String(shape)) return copy(params);
    storage.incRef(dataId);
    return { dataId, shape, dtype };
  };

/**
 * Sums whole rows, as in the gradient of a bias, in a fifth of the time: the backend sums along the last axis only, so
 * it transposes first.
 */
function sumLeadingAxes(tf: typeof Core): Replace {
  const { parseAxisParam } = tf.util;
  return (sum) => (params) => {
    const x = params.inputs.x!;
    const { axis, keepDims } = params.attrs as { axis: number[]; keepDims?: boolean };
    const axes = parseAxisParam(axis, x.shape).sort((a, b) => a - b);
    const kept = x.shape.slice(axes.length);
    const isLeading = axes.every((each, i) => each === i);
    if (!isLeading || kept.length === 0 || x.dtype !== 'float32') return sum(params);
    const memory = memoryOf(params.backend);
    const total = memory.make(keepDims ? [...axes.map(() => 1), ...kept] : kept);
    const [rows, width] = [x.shape.slice(0, axes.length), kept].map(tf.util.sizeFromShape);
    memory.kernel.sumRows(memory.addressOf(x), rows!, width!, memory.addressOf(total));
    return total;
  };
}

function storageOf(backend: unknown): WasmBackend {
  return backend as WasmBackend;
}
