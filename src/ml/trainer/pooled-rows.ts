import { shuffle } from '../random.js';
import type { EncodedBatch, EncodedRows } from '../rows.js';

/** Rows that are read and mixed together where not all are in memory. */
const BLOCK_ROWS = 256;

/** Encoded rows one after the other: of each its inputs, then its target. */
export interface RecordStore {
  /** Inputs of a row. */
  width: number;
  count: number;
  /** All records, `[count * (width + 1)]`, where they are in memory. */
  all?: Float32Array;
  /** Reads the records of consecutive rows; the next call may overwrite the result. */
  read(first: number, count: number): Float32Array;
}

/**
 * Iterates over any number of encoded rows in bounded memory. Shuffled rows are drawn from a pool of blocks from all
 * over the data, which is nearly as random as shuffling all rows. Passes share the memory of the pool, so only one may
 * run at a time.
 */
export class PooledRows implements EncodedRows {
  /** Reused for each pool: a new one would double the memory until a garbage collection. */
  private pool = new Float32Array(0);

  /** @param poolRows how many rows are held at most; of no account where all are in memory anyway */
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

  /** Returns the records of ascending rows, reading each run at once. */
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
