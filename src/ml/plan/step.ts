import type { Arena } from './arena.js';
import { sizeOf } from './artifact.js';

/** A tensor of the program, with the shape of one row, without the batch axis. */
export class Value {
  /** Floats in a row. */
  readonly width: number;

  constructor(readonly shape: readonly number[]) {
    this.width = sizeOf(shape);
  }
}

/** The location of a value: row r starts at `address + 4 * stride * r`. */
export interface Place {
  readonly address: number;
  /** Floats from row to row: the width, padded to a multiple of 4 except in the plan's input. */
  readonly stride: number;
}

/** One instruction of a plan. */
export interface Step {
  readonly inputs: readonly Value[];
  readonly output: Value;
  /**
   * Whether it overwrites its first input with its output and reads only padded rows. The plan copies the input if
   * another step still needs it.
   */
  readonly inPlace: boolean;
  /** Stores its constants in the arena and returns the code for a number of rows, if it needs any. */
  emit(arena: Arena, inputs: readonly Place[], output: Place): ((rows: number) => void) | undefined;
}

/** Returns code that computes one row after the other. @param run computes a row from its address to another */
export function rowByRow(x: Place, y: Place, run: (from: number, to: number) => void) {
  return (rows: number): void => {
    for (let row = 0; row < rows; row++)
      run(x.address + 4 * x.stride * row, y.address + 4 * y.stride * row);
  };
}

/** Returns the width of a padded row, on which kernels work in whole vectors of 4 floats. */
export function padded(width: number): number {
  return Math.ceil(width / 4) * 4;
}

/** Returns the values followed by zeros up to {@link padded}. */
export function paddedCopy(values: Float32Array): Float32Array {
  const copy = new Float32Array(padded(values.length));
  copy.set(values);
  return copy;
}
