import type { WeightReader } from '../artifact.js';
import { UnsupportedLayerError } from '../errors.js';
import type { Step, Value } from '../step.js';
import type { Json } from '../topology.js';

/** A call of a layer, for its compiler. */
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

/** Appends the steps that compute a layer, and returns their result. */
export type LayerCompiler = (call: LayerCall) => Value;

/** Returns the only input of a layer. */
export function onlyInput(call: LayerCall): Value {
  const [input, ...more] = call.inputs;
  if (input === undefined || more.length > 0) {
    throw unsupported(call, `it is called on ${call.inputs.length} inputs instead of one`);
  }
  return input;
}

/** Returns the input of a layer that works on rows of columns. */
export function onlyFlatInput(call: LayerCall): Value {
  const input = onlyInput(call);
  if (input.shape.length !== 1) {
    throw unsupported(call, `its input has shape [${input.shape}], not one axis`);
  }
  return input;
}

/** Returns a number of the layer's config; Keras omits or nulls defaults. */
export function numberOf(call: LayerCall, key: string, byDefault: number): number {
  const value = call.config[key] ?? byDefault;
  if (typeof value !== 'number') throw unsupported(call, `its '${key}' is not a number`);
  return value;
}

/** Returns a boolean of the layer's config. */
export function flagOf(call: LayerCall, key: string): boolean {
  return (call.config[key] ?? true) === true;
}

/** Returns the axis of a layer, by default the last; Keras writes some as a list of one. */
export function axisOf(call: LayerCall): number {
  const { axis = -1 } = call.config;
  const [only, ...more] = Array.isArray(axis) ? axis : [axis];
  if (typeof only !== 'number' || more.length > 0)
    throw unsupported(call, `its axis is ${JSON.stringify(axis)}`);
  return only;
}

/** Refuses an axis that is not the columns'. */
export function checkColumnAxis(call: LayerCall): void {
  const axis = axisOf(call);
  if (axis !== -1 && axis !== 1) throw unsupported(call, `its axis is ${axis}, not the columns`);
}

export function unsupported(call: LayerCall, why: string): UnsupportedLayerError {
  return new UnsupportedLayerError(call.name, call.className, why);
}
