import { QUOTE } from './bytes.js';
import type { BadRow } from './faults.js';

/** Room for so many fields in a block: its spans then fit a core's cache beside the bytes. */
const FIELDS = 1 << 15;
/** A block with so many bad rows is given away, lest a file of nothing else fill the memory. */
const BAD_ROWS = 1 << 12;

/**
 * Some rows of a CSV file, as places in a buffer. One block serves for all of a file: what it holds
 * is good until the next one is asked for.
 */
export class Block {
  /**
   * What the spans are places in. Beside the file's bytes it holds the text of fields that had
   * doubled quotes, so that any span can be read as it is.
   */
  bytes: Buffer = Buffer.alloc(0);
  /** How many good rows there are. */
  rows = 0;
  /** How many fields each of them has. */
  columns = 0;
  /** Start and end of the field in a row and column, without quotes: at `2 * (row * columns + column)`. */
  readonly spans: Int32Array;
  /** Start and end of a row's raw bytes, without its line break: at `2 * row`. */
  readonly records: Int32Array;
  /** The 1-based physical line on which a row begins. */
  readonly lines: Int32Array;
  /** What was no row, in the order of the file; nothing unless bad rows are quarantined. */
  readonly badRows: BadRow[] = [];

  /** @param capacity how many fields there is room for */
  constructor(readonly capacity = FIELDS) {
    this.spans = new Int32Array(2 * capacity);
    this.records = new Int32Array(2 * capacity);
    this.lines = new Int32Array(capacity);
  }

  /** A field as a string; what is not UTF-8 becomes U+FFFD. */
  text(row: number, column: number): string {
    const at = 2 * (row * this.columns + column);
    return this.bytes.toString('utf8', this.spans[at]!, this.spans[at + 1]!);
  }

  /** Whether a field stood in quotes. */
  quoted(row: number, column: number): boolean {
    const start = this.spans[2 * (row * this.columns + column)]!;
    return start > 0 && this.bytes[start - 1] === QUOTE;
  }

  /** A row, or a bad one, as it stands in the file, without its line break: a view. */
  raw(row: number | BadRow): Buffer {
    return typeof row === 'number'
      ? this.bytes.subarray(this.records[2 * row]!, this.records[2 * row + 1]!)
      : this.bytes.subarray(row.start, row.end);
  }

  /** Adds a row to the bad ones, in the order of the file; it stays among the good ones until it is removed. */
  rejectRow(row: number, bad: BadRow): void {
    const [start, end] = [this.records[2 * row]!, this.records[2 * row + 1]!];
    const place = this.badRows.findIndex((other) => other.start > start);
    this.badRows.splice(place < 0 ? this.badRows.length : place, 0, { ...bad, start, end });
  }

  /** Takes a row out. */
  remove(row: number): void {
    const { spans, records, lines, columns, rows } = this;
    spans.copyWithin(2 * row * columns, 2 * (row + 1) * columns, 2 * rows * columns);
    records.copyWithin(2 * row, 2 * (row + 1), 2 * rows);
    lines.copyWithin(row, row + 1, rows);
    this.rows--;
  }

  /** Adds a bad row, and tells whether there should be no more of them. */
  reject(row: BadRow, start: number, end: number): boolean {
    row.start = start;
    row.end = end;
    return this.badRows.push(row) >= BAD_ROWS;
  }
}
