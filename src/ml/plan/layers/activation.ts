import type { Arena } from '../arena.js';
import type { Kernel } from '../kernel/kernel.js';
import { type Place, type Step, Value } from '../step.js';
import {
  checkLastAxis,
  type LayerCall,
  type LayerCompiler,
  numberOf,
  onlyFlatInput,
  onlyInput,
  unsupported,
} from './layer.js';

/** Applies a function to `count` floats in place. */
type Apply = (kernel: Kernel, at: number, count: number) => void;

/** Activations by their names in Keras, except `linear` and `softmax`. */
const ACTIVATIONS: Readonly<Record<string, Apply>> = {
  relu: (kernel, at, count) => kernel.relu(at, count),
  relu6: (kernel, at, count) => kernel.clippedRelu(at, count, 6),
  elu: (kernel, at, count) => kernel.elu(at, count),
  selu: (kernel, at, count) => kernel.selu(at, count),
  sigmoid: (kernel, at, count) => kernel.sigmoid(at, count),
  hard_sigmoid: (kernel, at, count) => kernel.hardSigmoid(at, count),
  tanh: (kernel, at, count) => kernel.tanh(at, count),
  softplus: (kernel, at, count) => kernel.softplus(at, count),
  softsign: (kernel, at, count) => kernel.softsign(at, count),
  swish: (kernel, at, count) => kernel.swish(at, count),
  mish: (kernel, at, count) => kernel.mish(at, count),
  gelu: (kernel, at, count) => kernel.gelu(at, count),
};

/** Applies a function to each float. */
export class Elementwise implements Step {
  readonly inputs: readonly [Value];
  readonly output: Value;
  readonly inPlace = true;

  constructor(
    input: Value,
    readonly apply: Apply,
    /** The bound `low` if the function is max(x, low). */
    readonly low?: number,
  ) {
    this.inputs = [input];
    this.output = new Value(input.shape);
  }

  emit({ kernel }: Arena, _inputs: readonly Place[], { address, stride }: Place) {
    const { apply } = this;
    return (rows: number) => apply(kernel, address, rows * stride);
  }
}

function softmax(input: Value): Step {
  const { shape, width } = input;
  return {
    inputs: [input],
    output: new Value(shape),
    inPlace: true,
    emit:
      ({ kernel }, _inputs, { address, stride }) =>
      (rows) =>
        kernel.softmax(address, rows, width, stride),
  };
}

/**
 * Appends an activation. @param name default: that of the layer's config
 * @throws UnsupportedLayerError for an unknown name
 */
export function addActivation(
  call: LayerCall,
  input: Value,
  name: unknown = call.config.activation ?? 'linear',
): Value {
  if (name === 'linear') return input;
  if (name === 'softmax' && input.shape.length === 1) return call.add(softmax(input));
  const apply = typeof name === 'string' && Object.hasOwn(ACTIVATIONS, name) && ACTIVATIONS[name];
  if (!apply) {
    const shown = JSON.stringify(name);
    throw unsupported(call, `the compiled plan does not support its activation ${shown}`);
  }
  return call.add(new Elementwise(input, apply, name === 'relu' ? 0 : undefined));
}

export const compileActivation: LayerCompiler = (call) =>
  addActivation(call, onlyInput(call), call.config.activation);

export const compileRelu: LayerCompiler = (call) => {
  const high = numberOf(call, 'max_value', Number.POSITIVE_INFINITY);
  if (high === Number.POSITIVE_INFINITY) return addActivation(call, onlyInput(call), 'relu');
  const apply: Apply = (kernel, at, count) => kernel.clippedRelu(at, count, high);
  return call.add(new Elementwise(onlyInput(call), apply));
};

export const compileLeakyRelu: LayerCompiler = (call) => {
  const alpha = numberOf(call, 'alpha', 0.3);
  const apply: Apply = (kernel, at, count) => kernel.leakyRelu(at, count, alpha);
  return call.add(new Elementwise(onlyInput(call), apply));
};

/** Compiles an ELU with an alpha of 1, as TensorFlow.js has it. */
export const compileElu: LayerCompiler = (call) => {
  if (numberOf(call, 'alpha', 1) !== 1) throw unsupported(call, 'its alpha is not 1');
  return addActivation(call, onlyInput(call), 'elu');
};

export const compileSoftmax: LayerCompiler = (call) => {
  checkLastAxis(call);
  return addActivation(call, onlyFlatInput(call), 'softmax');
};
