import { layoutOf, type Spec } from './spec.js';

/**
 * Rows of a dataset as numbers. Each row has the values of all features in the spec's order: a number as it is (NaN if
 * missing), a category as its index in the spec (the number of categories if unknown), a datetime as milliseconds since
 * 1970, an image as its pixels.
 */
export interface RowBlock {
  count: number;
  /** `[count * size of the layout]` */
  values: Float64Array;
  /** Target of each row: a number (also one that separates two classes), or the index of a class. */
  targets: Float64Array;
  /** Rows that are left out for lack of a target, counted by the text in its place. */
  leftOut?: ReadonlyMap<string, number>;
}

/** Returns a view of a row's values in a block. */
export function valuesAt({ values, count }: RowBlock, row: number): Float64Array {
  const size = values.length / count;
  return values.subarray(row * size, (row + 1) * size);
}

/** Returns a block of selected rows of another. */
export function takeRows(block: RowBlock, rows: readonly number[] | Uint32Array): RowBlock {
  const size = block.values.length / block.count;
  const taken = {
    count: rows.length,
    values: new Float64Array(rows.length * size),
    targets: new Float64Array(rows.length),
  };
  rows.forEach((row, i) => {
    taken.values.set(valuesAt(block, row), i * size);
    taken.targets[i] = block.targets[row]!;
  });
  return taken;
}

/** Returns the first rows of a block, or all if it has fewer. */
export function firstRows(block: RowBlock, count: number): RowBlock {
  return takeRows(
    block,
    Uint32Array.from({ length: Math.min(block.count, count) }, (_, row) => row),
  );
}

/** Returns the values of a one-slot feature in all rows of a block. */
export function columnOf(spec: Spec, block: RowBlock, feature: string): Float64Array {
  const { offsets, size } = layoutOf(spec);
  const at = offsets.get(feature)!;
  return Float64Array.from({ length: block.count }, (_, row) => block.values[row * size + at]!);
}

/** Rows for a network: inputs `[rows * width]` and their targets. */
export interface EncodedBatch {
  inputs: Float32Array;
  targets: Float32Array;
}

/** Encoded rows that training can iterate many times, in memory or in a file. */
export interface EncodedRows {
  readonly count: number;
  /**
   * Iterates over some of the rows in blocks of a size; the last block may be smaller.
   * @param rows ascending indices of the rows
   * @param random shuffles them, differently each time; without it they are in order
   */
  batches(rows: Uint32Array, size: number, random?: () => number): Iterable<EncodedBatch>;
}

/** Concatenates blocks. */
export function appendRows(blocks: readonly RowBlock[]): RowBlock {
  const whole = {
    count: blocks.reduce((sum, { count }) => sum + count, 0),
    values: new Float64Array(blocks.reduce((sum, { values }) => sum + values.length, 0)),
    targets: new Float64Array(blocks.reduce((sum, { count }) => sum + count, 0)),
  };
  let row = 0;
  let at = 0;
  for (const { count, values, targets } of blocks) {
    whole.values.set(values, at);
    whole.targets.set(targets, row);
    row += count;
    at += values.length;
  }
  return whole;
}
