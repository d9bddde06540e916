import { type Fault, LapidaryError } from '../core/errors.js';
import type { Block } from '../csv/block.js';
import type { Dialect } from '../csv/dialect.js';
import type { CsvReader } from '../csv/reader.js';
import { CsvWriter } from '../csv/writer.js';
import { MOST_FAULTS } from './faults.js';

/** Number of bad rows from which their share is checked before the end of the file. */
const MANY_BAD_ROWS = 100_000;

/** A row that does not fit its dataset. */
export interface BadRow {
  /** 1-based number of its first line. */
  line: number;
  /** At least one. */
  faults: readonly Fault[];
  /** Its bytes in the content. */
  raw: Uint8Array;
}

/** The result of checking some rows: the number of good ones, and the bad ones in file order. */
export interface CheckedRows {
  good: number;
  bad: readonly BadRow[];
}

const COLUMNS = ['line', 'column', 'reason', 'row'];

/** Collects the bad rows of a block of CSV: those that do not split into fields, and those that are added. */
export class BadRows {
  private readonly found: (BadRow & { start: number })[];

  constructor(
    private readonly block: Block,
    { header }: CsvReader,
  ) {
    this.found = block.badRows.map((record) => {
      const { line, column, message, start } = record;
      const field = column === undefined ? undefined : header[column - 1];
      const fault = { instance: line, ...(field && { field }), code: 'invalid_csv', message };
      return { line, faults: [fault], raw: block.raw(record), start };
    });
  }

  /** Adds a row that splits into fields but does not fit. */
  add(row: number, faults: readonly Fault[]): void {
    const { lines, records } = this.block;
    const start = records[2 * row]!;
    this.found.push({ line: lines[row]!, faults, raw: this.block.raw(row), start });
  }

  /** Returns the bad rows in file order. */
  inOrder(): BadRow[] {
    return this.found.sort((a, b) => a.start - b.start);
  }
}

/** Writes bad rows as CSV, and refuses data with too many. */
export class Quarantine {
  count = 0;
  private readonly first: Fault[] = [];
  private readonly writer: CsvWriter;

  constructor(dialect: Partial<Dialect> = {}) {
    this.writer = new CsvWriter(dialect);
    for (const name of COLUMNS) this.writer.text(name);
    this.writer.endRow();
  }

  add({ line, faults, raw }: BadRow): void {
    this.count++;
    this.first.push(...faults.slice(0, MOST_FAULTS - this.first.length));
    const [first] = faults;
    this.writer.number(line);
    this.writer.text(first!.field ?? '');
    this.writer.text(faults.length === 1 ? first!.message : faults.map(describe).join('; '));
    this.writer.text(Buffer.from(raw).toString());
    this.writer.endRow();
  }

  /** Returns the bytes written since the last call; first the header. */
  take(): Uint8Array {
    return this.writer.take();
  }

  /** Checks as {@link check} before the end of the data. */
  checkSoFar(good: number, maximumShare: number): void {
    if (this.count >= MANY_BAD_ROWS) this.check(good, maximumShare);
  }

  /** Checks the share of bad rows at the end of the data. @throws LapidaryError `too_many_bad_rows` */
  check(good: number, maximumShare: number): void {
    const rows = good + this.count;
    if (this.count <= maximumShare * rows) return;
    const faults = this.first.map((fault) => `line ${fault.instance}, ${describe(fault)}`);
    const detail = `${this.count} of ${rows} rows are bad, more than ${percent(maximumShare)}: ${faults.join('; ')}`;
    throw new LapidaryError('too_many_bad_rows', detail, this.first);
  }
}

function describe({ field, message }: Fault): string {
  return field === undefined ? message : `${field}: ${message}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}
