import type { WeightReader } from '../plan/artifact.js';
import type { UnsupportedLayerError } from '../plan/errors.js';
import type { Json } from '../plan/topology.js';

/** Some rows of 64-bit numbers: `values` are `[rows, ...shape]`, the last axis fastest. */
export interface Tensor {
  readonly rows: number;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** A call of a layer, for its formula. */
export interface FormulaCall {
  readonly config: Json;
  readonly inputs: readonly Tensor[];
  readonly weight: WeightReader;
  /** Counts multiplications. */
  work(multiplications: number): void;
  /** The error for a configuration that the formula does not cover. */
  unknown(why: string): UnsupportedLayerError;
}

/** Computes the output of a layer. */
export type Formula = (call: FormulaCall) => Tensor;

/** A setting of a layer, or its default where the file does not have it. */
export function setting<Value>({ config }: FormulaCall, key: string, byDefault: Value): Value {
  return (config[key] ?? byDefault) as Value;
}

/** A setting of rows and columns: two numbers, or one for both. */
export function pair(call: FormulaCall, key: string, byDefault: unknown): [number, number] {
  const value = setting(call, key, byDefault);
  return Array.isArray(value) ? [value[0], value[1]] : [value as number, value as number];
}

export function withShape({ rows, values }: Tensor, shape: readonly number[]): Tensor {
  return { rows, shape, values };
}

/** Applies a function to each number by itself. */
export function mapped(input: Tensor, each: (x: number) => number): Tensor {
  return { ...input, values: input.values.map(each) };
}
