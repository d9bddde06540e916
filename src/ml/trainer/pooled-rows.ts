import { shuffle } from '../random.js';
import type { EncodedBatch, EncodedRows } from '../rows.js';

/** Number of consecutive rows that are read and shuffled together if not all are in memory. */
const BLOCK_ROWS = 256;

/** Encoded rows: the inputs of each, then its target. */
export interface RecordStore {
  /** Number of inputs of a row. */
  width: number;
  count: number;
  /** All records, `[count * (width + 1)]`, if they are in memory. */
  all?: Float32Array;
  /** Reads the records of consecutive rows. @returns a view that the next call may overwrite */
  read(first: number, count: number): Float32Array;
}

/**
 * Reads any number of encoded rows in bounded memory. Rows are shuffled in pools of random blocks, which is nearly as
 * random as a shuffle of all rows. Only one pass at a time, since passes share the pool.
 */
export class PooledRows implements EncodedRows {
  /** Reused for each pool, since a new one would need memory beside the last until that is collected. */
  private pool = new Float32Array(0);

  /** @param poolRows maximum number of rows in the pool; ignored if all are in memory */
  constructor(
    private readonly store: RecordStore,
    private readonly poolRows: number,
  ) {}

  get count(): number {
    return this.store.count;
  }

  *batches(rows: Uint32Array, size: number, random?: () => number): Generator<EncodedBatch> {
    const { all, width } = this.store;
    if (all) {
      yield* batchesOf(all, width, random ? shuffle(rows.slice(), random) : rows, size);
      return;
    }
    const order = random ? shuffleBlocks(rows, random) : rows;
    const held = Math.max(1, Math.floor(this.poolRows / size)) * size;
    for (let start = 0; start < order.length; start += held) {
      const pool = this.readPool(order.subarray(start, start + held));
      const places = Uint32Array.from(
        { length: Math.min(held, order.length - start) },
        (_, i) => i,
      );
      yield* batchesOf(pool, width, random ? shuffle(places, random) : places, size);
    }
  }

  /** Reads the records of rows, in one read for each ascending run. */
  private readPool(rows: Uint32Array): Float32Array {
    const record = this.store.width + 1;
    if (this.pool.length < rows.length * record) this.pool = new Float32Array(rows.length * record);
    const { pool } = this;
    for (let start = 0; start < rows.length; ) {
      const first = rows[start]!;
      let end = start + 1;
      while (
        end < rows.length &&
        rows[end]! > rows[end - 1]! &&
        rows[end]! < first + 2 * BLOCK_ROWS
      )
        end++;
      const records = this.store.read(first, rows[end - 1]! - first + 1);
      for (let i = start; i < end; i++) {
        const at = (rows[i]! - first) * record;
        pool.set(records.subarray(at, at + record), i * record);
      }
      start = end;
    }
    return pool;
  }
}

function* batchesOf(
  records: Float32Array,
  width: number,
  places: Uint32Array,
  size: number,
): Generator<EncodedBatch> {
  for (let start = 0; start < places.length; start += size) {
    const taken = places.subarray(start, start + size);
    const batch = {
      inputs: new Float32Array(taken.length * width),
      targets: new Float32Array(taken.length),
    };
    for (let i = 0; i < taken.length; i++) {
      const at = taken[i]! * (width + 1);
      batch.inputs.set(records.subarray(at, at + width), i * width);
      batch.targets[i] = records[at + width]!;
    }
    yield batch;
  }
}

function shuffleBlocks(rows: Uint32Array, random: () => number): Uint32Array {
  const blocks = shuffle(
    Uint32Array.from({ length: Math.ceil(rows.length / BLOCK_ROWS) }, (_, i) => i),
    random,
  );
  const mixed = new Uint32Array(rows.length);
  let at = 0;
  for (const block of blocks) {
    const part = rows.subarray(block * BLOCK_ROWS, (block + 1) * BLOCK_ROWS);
    mixed.set(part, at);
    at += part.length;
  }
  return mixed;
}
