import type { Block } from '../../datasets/csv/block.js';
import { parseNumber } from '../../datasets/csv/number.js';
import { readCsv } from '../../datasets/csv/reader.js';
import type { Bytes } from '../../datasets/port.js';
import { canonical } from '../../ml/encoding/words.js';
import { Summary } from '../../ml/statistics.js';
import { isMissingMark, isMissingWord } from '../../ml/text/missing.js';
import { readMoment } from '../../ml/text/moment.js';

/** Different values that are counted; with more of them a column is no category anyway. */
const MOST_VALUES = 50_000;
/** Rows that are kept to look at how columns go together. */
const SAMPLE_ROWS = 20_000;

/** What the fields of one column look like. */
export interface ColumnProfile {
  name: string;
  rows: number;
  /** Fields that are empty, or say that nothing is known. */
  missing: number;
  /** Of the others, how many are numbers, whole numbers, and dates. */
  numbers: number;
  integers: number;
  dates: number;
  /** Of the numbers, or else the dates. */
  summary: Summary;
  /** Whether dates have a time of day. */
  hasTime: boolean;
  /** Whether whole numbers only ever grow by one from row to row. */
  counts: boolean;
  /** How often each value occurs; undefined when there are too many to count. */
  values: Map<string, number> | undefined;
  /** The first rows' fields. */
  sample: string[];
  /** Whether numbers are written as 1.234,56. */
  decimalComma: boolean;
}

/**
 * Looks at every field of a CSV file.
 * @throws LapidaryError `invalid_dataset`
 */
export async function profileCsv(source: Bytes): Promise<ColumnProfile[]> {
  const csv = await readCsv(source.read());
  const columns = csv.header.map((name) => new Profiler(name, csv.dialect.decimalComma));
  for await (const block of csv.blocks()) {
    for (let row = 0; row < block.rows; row++)
      columns.forEach((column, i) => {
        column.add(block, row, i);
      });
  }
  return columns;
}

class Profiler implements ColumnProfile {
  rows = 0;
  missing = 0;
  numbers = 0;
  integers = 0;
  dates = 0;
  hasTime = false;
  counts = true;
  values: Map<string, number> | undefined = new Map();
  readonly sample: string[] = [];
  private readonly ofNumbers = new Summary();
  private readonly ofDates = new Summary();
  private last = Number.NaN;

  constructor(
    readonly name: string,
    readonly decimalComma: boolean,
  ) {}

  get summary(): Summary {
    return this.numbers > 0 ? this.ofNumbers : this.ofDates;
  }

  add(block: Block, row: number, column: number): void {
    const text = canonical(block.text(row, column));
    this.rows++;
    if (this.sample.length < SAMPLE_ROWS) this.sample.push(text);
    if (isMissing(text)) {
      this.missing++;
      this.counts = false;
      return;
    }
    this.count(text);
    const at = 2 * (row * block.columns + column);
    const [start, end] = [block.spans[at]!, block.spans[at + 1]!];
    const value = parseNumber(block.bytes, start, end, this.decimalComma);
    if (Number.isFinite(value)) this.addNumber(value);
    else this.addDate(text);
  }

  private addNumber(value: number): void {
    this.numbers++;
    if (Number.isInteger(value)) this.integers++;
    if (value !== this.last + 1 && !Number.isNaN(this.last)) this.counts = false;
    this.last = value;
    this.ofNumbers.add(value);
  }

  private addDate(text: string): void {
    this.counts = false;
    const moment = readMoment(text);
    if (Number.isNaN(moment)) return;
    this.dates++;
    this.ofDates.add(moment);
    if (moment % 86_400_000 !== 0) this.hasTime = true;
  }

  private count(text: string): void {
    if (!this.values) return;
    this.values.set(text, (this.values.get(text) ?? 0) + 1);
    if (this.values.size > MOST_VALUES) this.values = undefined;
  }
}

export function isMissing(text: string): boolean {
  return isMissingWord(text) || isMissingMark(text);
}
