import { closeSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { PooledRows, type RecordStore } from '../../ml/trainer/pooled-rows.js';
import type { RowCollector } from '../../training/port.js';

/** A file of encoded rows; plain data that can be posted to a worker. */
export interface RowFile {
  path: string;
  width: number;
  count: number;
}

const FLOAT_BYTES = 4;
/** Bytes of a file that are held in memory; smaller files are read whole. */
const MEMORY_BYTES = 192 * 2 ** 20;

/** Writes encoded rows to a file. */
export class RowFileWriter implements RowCollector {
  private count = 0;

  private constructor(
    private readonly path: string,
    private readonly width: number,
    private readonly file: FileHandle,
  ) {}

  static async create(path: string, width: number): Promise<RowFileWriter> {
    return new RowFileWriter(path, width, await open(path, 'wx'));
  }

  async append(inputs: Float32Array, targets: Float32Array): Promise<void> {
    const record = this.width + 1;
    const records = new Float32Array(targets.length * record);
    targets.forEach((target, row) => {
      records.set(inputs.subarray(row * this.width, (row + 1) * this.width), row * record);
      records[row * record + this.width] = target;
    });
    await this.file.writeFile(Buffer.from(records.buffer));
    this.count += targets.length;
  }

  async close(): Promise<RowFile> {
    await this.file.close();
    return { path: this.path, width: this.width, count: this.count };
  }
}

/** Opens the rows of a file for training. */
export function openRowFile({ path, width, count }: RowFile): PooledRows {
  const recordBytes = (width + 1) * FLOAT_BYTES;
  const descriptor = openSync(path, 'r');
  const read = (first: number, rows: number): Float32Array => {
    const records = new Float32Array(rows * (width + 1));
    const bytes = Buffer.from(records.buffer);
    for (let done = 0; done < bytes.length; ) {
      const position = first * recordBytes + done;
      const read = readSync(descriptor, bytes, done, bytes.length - done, position);
      if (read === 0) throw new Error(`${path} ends before row ${first + rows}`);
      done += read;
    }
    return records;
  };
  const store: RecordStore = { width, count, read };
  if (count * recordBytes <= MEMORY_BYTES) {
    store.all = read(0, count);
    closeSync(descriptor);
  }
  return new PooledRows(store, Math.floor(MEMORY_BYTES / recordBytes));
}
