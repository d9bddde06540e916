import { QUOTE } from './bytes.js';
import type { BadRecord } from './faults.js';

/** Number of fields in a block: its spans then fit a core's cache beside the bytes. */
const FIELDS = 1 << 15;
/** Maximum number of bad rows in a block, so that a file of bad rows does not fill the memory. */
const BAD_ROWS = 1 << 12;

/**
 * Rows of a CSV file, as positions in a buffer. One block is reused for the whole file: its content is valid until
 * the next block is read.
 */
export class Block {
  /**
   * The buffer that spans refer to. Besides the file's bytes it holds the unescaped text of fields with doubled
   * quotes, so that every span can be read as it is.
   */
  bytes: Buffer = Buffer.alloc(0);
  /** Number of good rows. */
  rows = 0;
  /** Number of fields in a row. */
  columns = 0;
  /** Start and end of the field in a row and column, without quotes: at `2 * (row * columns + column)`. */
  readonly spans: Int32Array;
  /** Start and end of a row's raw bytes, without its line break: at `2 * row`. */
  readonly records: Int32Array;
  /** The 1-based physical line on which a row begins. */
  readonly lines: Int32Array;
  /** Records that are not rows, in file order; empty unless bad rows are quarantined. */
  readonly badRows: BadRecord[] = [];

  /** @param capacity maximum number of fields */
  constructor(readonly capacity = FIELDS) {
    this.spans = new Int32Array(2 * capacity);
    this.records = new Int32Array(2 * capacity);
    this.lines = new Int32Array(capacity);
  }

  /** Returns a field as a string; invalid UTF-8 becomes U+FFFD. */
  text(row: number, column: number): string {
    const at = 2 * (row * this.columns + column);
    return this.bytes.toString('utf8', this.spans[at]!, this.spans[at + 1]!);
  }

  /** Returns whether a field was in quotes. */
  quoted(row: number, column: number): boolean {
    const start = this.spans[2 * (row * this.columns + column)]!;
    return start > 0 && this.bytes[start - 1] === QUOTE;
  }

  /** Returns a view of the raw bytes of a good or bad row, without its line break. */
  raw(row: number | BadRecord): Buffer {
    return typeof row === 'number'
      ? this.bytes.subarray(this.records[2 * row]!, this.records[2 * row + 1]!)
      : this.bytes.subarray(row.start, row.end);
  }

  /** Adds a row to the bad rows, in file order; {@link remove} takes it from the good ones. */
  rejectRow(row: number, bad: BadRecord): void {
    const [start, end] = [this.records[2 * row]!, this.records[2 * row + 1]!];
    const place = this.badRows.findIndex((other) => other.start > start);
    this.badRows.splice(place < 0 ? this.badRows.length : place, 0, { ...bad, start, end });
  }

  /** Removes a good row. */
  remove(row: number): void {
    const { spans, records, lines, columns, rows } = this;
    spans.copyWithin(2 * row * columns, 2 * (row + 1) * columns, 2 * rows * columns);
    records.copyWithin(2 * row, 2 * (row + 1), 2 * rows);
    lines.copyWithin(row, row + 1, rows);
    this.rows--;
  }

  /** Adds a bad row. @returns whether the block has room for another */
  reject(row: BadRecord, start: number, end: number): boolean {
    row.start = start;
    row.end = end;
    return this.badRows.push(row) >= BAD_ROWS;
  }
}
