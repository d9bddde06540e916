/**
 * Rows of a dataset as numbers. A row has the values of all features in the spec's order: a number, or NaN if missing;
 * the index of a category, or the number of categories if unknown; a datetime in milliseconds since 1970; the pixels of
 * an image.
 */
export interface RowBlock {
  count: number;
  /** `[count * size of the layout]` */
  values: Float64Array;
  /** The target of each row: a number, also if it decides between two classes, or the index of a class. */
  targets: Float64Array;
  /** Counts of rows that are left out since they have no target, by the word in its place. */
  leftOut?: ReadonlyMap<string, number>;
}

/** Returns a view of a row's values in a block. */
export function valuesAt({ values, count }: RowBlock, row: number): Float64Array {
  const size = values.length / count;
  return values.subarray(row * size, (row + 1) * size);
}

/** Copies rows of a block to another. @param rows their indices */
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

/** Rows encoded for a network: inputs `[rows * width]` and one target per row. */
export interface EncodedBatch {
  inputs: Float32Array;
  targets: Float32Array;
}

/** Encoded rows that can be read many times, in memory or not. */
export interface EncodedRows {
  readonly count: number;
  /**
   * Reads rows in batches; the last may be smaller.
   * @param rows ascending indices of the rows to read @param size rows per batch
   * @param random shuffles the rows, differently each time; without it they are in order
   */
  batches(rows: Uint32Array, size: number, random?: () => number): Iterable<EncodedBatch>;
}

/** Joins blocks to one, in their order. */
export function appendRows(blocks: readonly RowBlock[]): RowBlock {
  return {
    count: blocks.reduce((sum, { count }) => sum + count, 0),
    values: joined(
      Float64Array,
      blocks.map(({ values }) => values),
    ),
    targets: joined(
      Float64Array,
      blocks.map(({ targets }) => targets),
    ),
  };
}

/** Joins arrays of numbers of one type to one. */
export function joined<Numbers extends Float32Array | Float64Array>(
  Type: new (length: number) => Numbers,
  parts: readonly Numbers[],
): Numbers {
  const all = new Type(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
