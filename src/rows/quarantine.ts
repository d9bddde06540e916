import { type Fault, LapidaryError } from '../core/errors.js';
import type { Block } from '../csv/block.js';
import type { Dialect } from '../csv/dialect.js';
import type { CsvReader } from '../csv/reader.js';
import { CsvWriter } from '../csv/writer.js';

const MAX_FAULTS = 20;
/** From so many bad rows on, their share of the rows so far decides: a file of nothing else is not gone through. */
const MANY_BAD_ROWS = 100_000;

/** A row that does not fit its dataset. */
export interface BadRow {
  /** The 1-based line that it begins on. */
  line: number;
  /** What is wrong with it. */
  faults: readonly Fault[];
  /** As it stands in the content. */
  raw: Uint8Array;
}

/** Columns of the quarantine. */
export const QUARANTINE_COLUMNS = ['line', 'column', 'reason', 'row'] as const;

/** Describes a row of CSV that cannot be split into fields. */
export function structuralFault(
  { line, column, message }: Block['badRows'][number],
  { header }: CsvReader,
): Fault {
  const field = column === undefined ? undefined : header[column - 1];
  return { instance: line, ...(field && { field }), code: 'invalid_csv', message };
}

/** Writes bad rows as CSV, and refuses what has too many. */
export class Quarantine {
  count = 0;
  private readonly first: Fault[] = [];
  private readonly writer: CsvWriter;

  constructor(dialect: Partial<Dialect> = {}) {
    this.writer = new CsvWriter(dialect);
    for (const name of QUARANTINE_COLUMNS) this.writer.text(name);
    this.writer.endRow();
  }

  add({ line, faults, raw }: BadRow): void {
    this.count++;
    this.first.push(...faults.slice(0, MAX_FAULTS - this.first.length));
    const [first] = faults;
    this.writer.number(line);
    this.writer.text(first!.field ?? '');
    this.writer.text(faults.length === 1 ? first!.message : faults.map(describe).join('; '));
    this.writer.text(Buffer.from(raw).toString());
    this.writer.endRow();
  }

  /** What was written since the last time; at first the header. */
  take(): Uint8Array {
    return this.writer.take();
  }

  /** As {@link check}, as long as there is more to come. */
  checkSoFar(good: number, maximumShare: number): void {
    if (this.count >= MANY_BAD_ROWS) this.check(good, maximumShare);
  }

  /** @throws LapidaryError `too_many_bad_rows` */
  check(good: number, maximumShare: number): void {
    const rows = good + this.count;
    if (this.count <= maximumShare * rows) return;
    const told = this.first.map((fault) => `line ${fault.instance}, ${describe(fault)}`);
    const detail = `${this.count} of ${rows} rows are bad, and ${percent(maximumShare)} may be: ${told.join('; ')}`;
    throw new LapidaryError('too_many_bad_rows', detail, this.first);
  }
}

function describe({ field, message }: Fault): string {
  return field === undefined ? message : `${field}: ${message}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}
