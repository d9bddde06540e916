import type { WeightReader } from '../artifact.js';
import { UnsupportedLayerError } from '../errors.js';
import type { Step, Value } from '../step.js';
import type { Json } from '../topology.js';

/** One call of a layer. */
export interface LayerCall {
  readonly name: string;
  readonly className: string;
  readonly config: Json;
  readonly inputs: readonly Value[];
  /** The layer's own weights, by their short names: `weight('kernel', [28, 64])`. */
  readonly weight: WeightReader;
  /** Appends a step and returns its output. */
  add(step: Step): Value;
}

/** Appends the steps that compute a layer and returns its output. */
export type LayerCompiler = (call: LayerCall) => Value;

/** Returns the only input of a layer. */
export function onlyInput(call: LayerCall): Value {
  const [input, ...more] = call.inputs;
  if (input === undefined || more.length > 0) {
    throw unsupported(call, `it is called on ${call.inputs.length} inputs instead of one`);
  }
  return input;
}

/** Returns the only input of a layer that takes rows of plain columns. */
export function onlyFlatInput(call: LayerCall): Value {
  const input = onlyInput(call);
  if (input.shape.length !== 1) {
    throw unsupported(call, `its input has shape [${input.shape}], not one axis`);
  }
  return input;
}

/** Returns a number of the layer's config; Keras omits defaults or writes null. */
export function numberOf(call: LayerCall, key: string, byDefault: number): number {
  const value = call.config[key] ?? byDefault;
  if (typeof value !== 'number') throw unsupported(call, `its '${key}' is not a number`);
  return value;
}

/** Returns a weight that a switch of the layer's config can turn off, or a constant instead. */
export function optionalWeight(
  call: LayerCall,
  flag: string,
  name: string,
  size: number,
  otherwise = 0,
): Float32Array {
  const isUsed = (call.config[flag] ?? true) === true;
  return isUsed ? call.weight(name, [size]) : new Float32Array(size).fill(otherwise);
}

/** Returns the bias of a layer; zeros if it has none. */
export function biasOf(call: LayerCall, size: number): Float32Array {
  return optionalWeight(call, 'use_bias', 'bias', size);
}

/** Returns the axis along which a layer works, by default the last; Keras writes some as a list of one. */
function axisOf(call: LayerCall): number {
  const { axis = -1 } = call.config;
  const [only, ...more] = Array.isArray(axis) ? axis : [axis];
  if (typeof only !== 'number' || more.length > 0)
    throw unsupported(call, `its axis is ${JSON.stringify(axis)}`);
  return only;
}

/** Refuses an axis other than the last. @param name of that axis */
export function checkLastAxis(call: LayerCall, axes = 1, name = 'columns'): void {
  const axis = axisOf(call);
  if (axis !== -1 && axis !== axes) throw unsupported(call, `its axis is ${axis}, not the ${name}`);
}

/** Creates the error for a configuration that the plan does not support. */
export function unsupported(call: LayerCall, why: string): UnsupportedLayerError {
  return new UnsupportedLayerError(call.name, call.className, why);
}
