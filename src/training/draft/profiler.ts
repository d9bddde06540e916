import type { Block } from '../../csv/block.js';
import type { CsvReader } from '../../csv/reader.js';
import { Summary, sampleSize } from '../../ml/statistics.js';
import { numberIn } from '../../rows/parser.js';
import { ColumnReader, type ColumnReading } from './reading.js';

/** Maximum number of distinct values to count; a column with more is not a category. */
const MOST_VALUES = 50_000;
/** Maximum number of values to count and fields to keep, of all columns together. */
const MOST_FIELDS = 4_000_000;
/** Number of rows to keep for comparing columns. */
const SAMPLE_ROWS = 20_000;
/** Maximum number of distinct odd words to count in a column, as a spec can name. */
const MOST_ODD = 1000;
const DAY_MS = 86_400_000;
/** Maximum number of line numbers to keep of a word. */
const MOST_LINES = 5;

/** A word that does not fit its column, or means a missing value. */
export interface OddWord {
  count: number;
  /** The first lines with it. */
  lines: number[];
}

/** Statistics of the fields of one column. */
export interface ColumnProfile {
  name: string;
  /** The reading of its texts. */
  reading: ColumnReading;
  reader: ColumnReader;
  /** Whether it has no name in the file. */
  unnamed: boolean;
  rows: number;
  /** Number of fields without a value: blanks, missing words, and words that do not fit the column. */
  missing: number;
  /** Words among them that mean unknown. */
  words: ReadonlyMap<string, OddWord>;
  /** Words among them that are not numbers or dates as the others are; only the first distinct ones. */
  odd: ReadonlyMap<string, OddWord>;
  /** Number of missing fields with further odd words. */
  otherOdd: number;
  /** Numbers, and integers, among the other fields. */
  numbers: number;
  integers: number;
  /** Summary of the numbers, or else of the dates. */
  summary: Summary;
  /** The smallest and the largest number with their lines; undefined without numbers. */
  extremes?: readonly [Extreme, Extreme];
  /** Whether dates have a time of day. */
  hasTime: boolean;
  /** Whether integers grow by one from row to row. */
  counts: boolean;
  /** Counts of the values; undefined if there are too many. */
  values: Map<string, number> | undefined;
  /** The field in the last row. */
  last: { text: string; line: number };
  /** The fields in the first rows. */
  sample: string[];
  /** Sort keys of the sample: numbers or moments; NaN for a word or gap. */
  ranks: number[];
  /** Whether each field of the sample is a gap. */
  gaps: boolean[];
}

interface Extreme {
  value: number;
  line: number;
}

/** Returns the decimal mark of a file. */
export function markOf({ dialect }: Pick<CsvReader, 'dialect'>) {
  return dialect.decimalComma ? 'comma' : 'point';
}

/** Profiles a column, field by field. */
export class Profiler implements ColumnProfile {
  rows = 0;
  missing = 0;
  readonly words = new Map<string, OddWord>();
  readonly odd = new Map<string, OddWord>();
  otherOdd = 0;
  numbers = 0;
  integers = 0;
  hasTime = false;
  counts = true;
  extremes?: [Extreme, Extreme];
  values: Map<string, number> | undefined = new Map();
  readonly sample: string[] = [];
  readonly ranks: number[] = [];
  readonly gaps: boolean[] = [];
  readonly summary: Summary;
  readonly reader: ColumnReader;
  last = { text: '', line: 0 };
  private before = Number.NaN;
  private readonly mostValues: number;
  private readonly mostRows: number;

  constructor(
    readonly name: string,
    readonly reading: ColumnReading,
    { header, dialect }: Pick<CsvReader, 'header' | 'dialect'>,
    readonly unnamed: boolean,
  ) {
    this.reader = new ColumnReader(reading, markOf({ dialect }));
    this.summary = new Summary(sampleSize(header.length));
    const share = Math.floor(MOST_FIELDS / header.length);
    this.mostValues = Math.min(MOST_VALUES, share);
    this.mostRows = Math.min(SAMPLE_ROWS, share);
  }

  add(block: Block, row: number, column: number): void {
    const text = this.reader.textOf(block.text(row, column));
    const line = block.lines[row]!;
    const value = this.read(block, row, column, text);
    this.rows++;
    this.last = { text, line };
    if (value === undefined) this.addGap(text, line);
    else this.addValue(text, value, line);
    if (this.sample.length === this.mostRows) return;
    this.sample.push(text);
    this.ranks.push(value ?? Number.NaN);
    this.gaps.push(value === undefined);
  }

  /** Reads a number or moment; NaN for a word; undefined for a gap. */
  private read(block: Block, row: number, column: number, text: string): number | undefined {
    const { reader } = this;
    switch (this.reading.kind) {
      case 'number': {
        const plain = numberIn(block, row, column, reader.decimal);
        if (Number.isFinite(plain)) return reader.isSentinel(plain) ? undefined : plain;
        return reader.isGap(text) ? undefined : known(reader.number(text));
      }
      case 'datetime':
        return reader.isGap(text) ? undefined : known(reader.moment(text));
      case 'category':
        return reader.isGap(text) ? undefined : Number.NaN;
    }
  }

  /** Counts a gap: a missing word, or a word that does not fit the column. */
  private addGap(text: string, line: number): void {
    this.missing++;
    this.counts = false;
    if (text === '') return;
    const { reader } = this;
    if (reader.isGap(text) || reader.isSentinel(Number(text))) addWord(this.words, text, line);
    else if (this.odd.has(text) || this.odd.size < MOST_ODD) addWord(this.odd, text, line);
    else this.otherOdd++;
  }

  private addValue(text: string, value: number, line: number): void {
    this.count(text);
    switch (this.reading.kind) {
      case 'number':
        this.numbers++;
        if (Number.isInteger(value)) this.integers++;
        if (value !== this.before + 1 && !Number.isNaN(this.before)) this.counts = false;
        this.before = value;
        this.stretch({ value, line });
        this.summary.add(value);
        return;
      case 'datetime':
        this.counts = false;
        this.summary.add(value);
        if (value % DAY_MS !== 0) this.hasTime = true;
        return;
      case 'category':
        this.counts = false;
    }
  }

  /** Records a number beyond the previous extremes. */
  private stretch(extreme: Extreme): void {
    if (!this.extremes) this.extremes = [extreme, extreme];
    else if (extreme.value < this.summary.minimum) this.extremes[0] = extreme;
    else if (extreme.value > this.summary.maximum) this.extremes[1] = extreme;
  }

  private count(text: string): void {
    if (!this.values) return;
    this.values.set(text, (this.values.get(text) ?? 0) + 1);
    if (this.values.size > this.mostValues) this.values = undefined;
  }
}

function known(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

function addWord(words: Map<string, OddWord>, text: string, line: number): void {
  const word = words.get(text) ?? { count: 0, lines: [] };
  words.set(text, word);
  word.count++;
  if (word.lines.length < MOST_LINES) word.lines.push(line);
}
