import { layoutOf, type Spec } from './spec.js';

/**
 * Rows of a dataset as numbers. Of each row first the values of all features, in the spec's order: a
 * number as it is (NaN where missing), a category as its index in the spec (as many as there are
 * categories where unknown), a datetime as milliseconds since 1970, an image as its pixels.
 */
export interface RowBlock {
  count: number;
  /** `[count * size of the layout]` */
  values: Float64Array;
  /** What is to be predicted of each row: a number (also one that tells two classes), or a class's index. */
  targets: Float64Array;
  /** Rows of the data that are left out as they have no target, by what they have instead. */
  leftOut?: ReadonlyMap<string, number>;
}

/** A row's values within a block, without copying them. */
export function valuesAt({ values, count }: RowBlock, row: number): Float64Array {
  const size = values.length / count;
  return values.subarray(row * size, (row + 1) * size);
}

/** A block of the rows of another at these places. */
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

/** One feature, of one slot, of all rows of a block. */
export function columnOf(spec: Spec, block: RowBlock, feature: string): Float64Array {
  const { offsets, size } = layoutOf(spec);
  const at = offsets.get(feature)!;
  return Float64Array.from({ length: block.count }, (_, row) => block.values[row * size + at]!);
}

/** Rows as a network takes them: inputs `[rows * width]` and what it should make of them. */
export interface EncodedBatch {
  inputs: Float32Array;
  targets: Float32Array;
}

/** Encoded rows that training may go through many times, be they in memory or not. */
export interface EncodedRows {
  readonly count: number;
  /**
   * Goes through some of the rows, so many at a time; the last time may bring fewer.
   * @param rows ascending places of the rows that are wanted
   * @param random mixes them, differently each time; without it they come in their order
   */
  batches(rows: Uint32Array, size: number, random?: () => number): Iterable<EncodedBatch>;
}

/** Blocks one after the other as one. */
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
