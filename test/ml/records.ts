import type { RowBlock } from '../../src/ml/rows.js';
import { layoutOf, type Spec } from '../../src/ml/spec.js';
import { PooledRows, type RecordStore } from '../../src/ml/trainer/pooled-rows.js';

/** The record of a row, of which every number tells the row and its place in it. */
export function record(row: number, width: number): { inputs: number[]; target: number } {
  return { inputs: Array.from({ length: width }, (_, i) => row + i / 16), target: -row };
}

/** Records of rows, and what was read of them, in rows. */
export function storeOf(count: number, width: number): RecordStore & { reads: [number, number][] } {
  const records = Float32Array.from(
    Array.from({ length: count }, (_, row) => record(row, width)).flatMap(({ inputs, target }) => [
      ...inputs,
      target,
    ]),
  );
  const reads: [number, number][] = [];
  const scratch = new Float32Array(records.length);
  const read = (first: number, rows: number) => {
    reads.push([first, rows]);
    // What the last call gave is overwritten, as it may be.
    scratch.fill(Number.NaN);
    scratch.set(records.subarray(first * (width + 1), (first + rows) * (width + 1)));
    return scratch.subarray(0, rows * (width + 1));
  };
  return { width, count, read, reads };
}

/** Rows that are all in memory. */
export function inMemory(count: number, width: number): PooledRows {
  const store = storeOf(count, width);
  return new PooledRows({ ...store, all: store.read(0, count).slice() }, 0);
}

/** All places of so many rows. */
export const placesOf = (count: number) => Uint32Array.from({ length: count }, (_, i) => i);

/** Returns one feature, of one slot, of all rows of a block. */
export function columnOf(spec: Spec, block: RowBlock, feature: string): Float64Array {
  const { offsets, size } = layoutOf(spec);
  const at = offsets.get(feature)!;
  return Float64Array.from({ length: block.count }, (_, row) => block.values[row * size + at]!);
}
