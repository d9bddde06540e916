import type { Arena } from './arena.js';
import { sizeOf } from './artifact.js';

/** A tensor of the program: the shape of one row, without the batch axis. */
export class Value {
  /** Floats in a row. */
  readonly width: number;

  constructor(readonly shape: readonly number[]) {
    this.width = sizeOf(shape);
  }
}

/** Memory of a value: row r starts at `address + 4 * stride * r`. */
export interface Place {
  readonly address: number;
  /** Floats from row to row: the width, in all but the plan's input padded to a multiple of 4. */
  readonly stride: number;
}

/** One instruction of a plan. */
export interface Step {
  readonly inputs: readonly Value[];
  readonly output: Value;
  /**
   * Whether the step overwrites its first input with its output, and reads only padded rows. The plan copies the input
   * if another step still needs it.
   */
  readonly inPlace: boolean;
  /** Stores the constants in the arena and returns the function that computes a number of rows, if any. */
  emit(arena: Arena, inputs: readonly Place[], output: Place): ((rows: number) => void) | undefined;
}

/** The width of a padded row: kernels then work on whole vectors of 4 floats. */
export function padded(width: number): number {
  return Math.ceil(width / 4) * 4;
}

/** The values with zeros behind them up to {@link padded}. */
export function paddedCopy(values: Float32Array): Float32Array {
  const copy = new Float32Array(padded(values.length));
  copy.set(values);
  return copy;
}
