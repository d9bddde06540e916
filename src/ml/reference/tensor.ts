import type { WeightReader } from '../plan/artifact.js';
import type { UnsupportedLayerError } from '../plan/errors.js';
import type { Json } from '../plan/topology.js';

/** Rows of 64-bit numbers: `values` are `[rows, ...shape]`, row-major. */
export interface Tensor {
  readonly rows: number;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** A call of a layer. */
export interface FormulaCall {
  readonly config: Json;
  readonly inputs: readonly Tensor[];
  readonly weight: WeightReader;
  /** Counts multiplications. */
  work(multiplications: number): void;
  /** Creates the error for a configuration that the formula does not cover. */
  unknown(why: string): UnsupportedLayerError;
}

/** Computes the output of a layer. */
export type Formula = (call: FormulaCall) => Tensor;

/** Returns a setting of a layer, or its default if missing. */
export function setting<Value>({ config }: FormulaCall, key: string, byDefault: Value): Value {
  return (config[key] ?? byDefault) as Value;
}

/** Returns a setting of rows and columns: two numbers, or one for both. */
export function pair(call: FormulaCall, key: string, byDefault: unknown): [number, number] {
  const value = setting(call, key, byDefault);
  return Array.isArray(value) ? [value[0], value[1]] : [value as number, value as number];
}

export function withShape({ rows, values }: Tensor, shape: readonly number[]): Tensor {
  return { rows, shape, values };
}

/** Applies a function to each number. */
export function mapped(input: Tensor, each: (x: number) => number): Tensor {
  return { ...input, values: input.values.map(each) };
}
