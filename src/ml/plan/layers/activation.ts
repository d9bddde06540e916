import type { Arena } from '../arena.js';
import type { Kernel } from '../kernel/kernel.js';
import { type Place, type Step, Value } from '../step.js';
import {
  checkColumnAxis,
  type LayerCall,
  type LayerCompiler,
  numberOf,
  onlyFlatInput,
  onlyInput,
  unsupported,
} from './layer.js';

/** Applies a function to `count` floats in place. */
type Apply = (kernel: Kernel, at: number, count: number) => void;

/** Activations by their names in a saved topology, without `linear` and `softmax`. */
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

/** An activation of single floats. */
export class Elementwise implements Step {
  readonly inputs: readonly [Value];
  readonly output: Value;
  readonly inPlace = true;

  constructor(
    input: Value,
    readonly apply: Apply,
    /** The bound `low` of a function that is max(x, low) alone. */
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

class Softmax implements Step {
  readonly inputs: readonly [Value];
  readonly output: Value;
  readonly inPlace = true;

  constructor(input: Value) {
    this.inputs = [input];
    this.output = new Value(input.shape);
  }

  emit({ kernel }: Arena, _inputs: readonly Place[], { address, stride }: Place) {
    const { width } = this.output;
    return (rows: number) => kernel.softmax(address, rows, width, stride);
  }
}

/**
 * Appends the activation of that name, unless it is linear.
 *
 * @throws UnsupportedLayerError for an unknown name.
 */
export function addActivation(call: LayerCall, input: Value, name: unknown): Value {
  if (name === 'linear') return input;
  if (name === 'softmax' && input.shape.length === 1) return call.add(new Softmax(input));
  const apply = typeof name === 'string' && Object.hasOwn(ACTIVATIONS, name) && ACTIVATIONS[name];
  if (!apply) {
    throw unsupported(
      call,
      `the compiled plan does not know its activation ${JSON.stringify(name)}`,
    );
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

/** TensorFlow.js supports only an alpha of 1, too. */
export const compileElu: LayerCompiler = (call) => {
  if (numberOf(call, 'alpha', 1) !== 1) throw unsupported(call, 'its alpha is not 1');
  return addActivation(call, onlyInput(call), 'elu');
};

export const compileSoftmax: LayerCompiler = (call) => {
  checkColumnAxis(call);
  return addActivation(call, onlyFlatInput(call), 'softmax');
};
