import type { Block } from '../../csv/block.js';
import { type CsvReader, readCsv } from '../../csv/reader.js';
import { Summary, sampleSize } from '../../ml/statistics.js';
import { numberIn } from '../../rows/parser.js';
import type { DataSource } from '../../rows/source.js';
import { readText } from '../../rows/text/text.js';
import { ColumnReader, type Reading, type Said } from './reading.js';
import { refusal } from './refusal.js';
import { Survey } from './survey.js';

/** A file that is looked at. */
export type CsvSource = Pick<
  Extract<DataSource, { format: 'csv' }>,
  'read' | 'dialect' | 'charset' | 'exactHeader'
>;

/** What pandas calls a column without a name when it writes what it has read. */
const UNNAMED = /^Unnamed: \d+(\.\d+)*$/;
/** Different values that are counted; with more of them a column is no category anyway. */
const MOST_VALUES = 50_000;
/** Values that are counted, and fields that are kept, of all columns together. */
const MOST_FIELDS = 4_000_000;
/** Columns of a file that are looked at. */
const MOST_COLUMNS = 2000;
/** Rows that are kept to look at how columns go together. */
const SAMPLE_ROWS = 20_000;
/** Different odd words that are counted in a column; a spec names at most as many. */
const MOST_ODD = 1000;
const DAY_MS = 86_400_000;
/** Lines that are named of each. */
const MOST_LINES = 5;

/** A word that is not what its column is, or says that nothing is known. */
export interface OddWord {
  count: number;
  /** The first lines with it. */
  lines: number[];
}

/** What the fields of one column look like. */
export interface ColumnProfile {
  name: string;
  /** How its texts are read. */
  reading: Reading;
  reader: ColumnReader;
  /** Whether the file has no name for it. */
  unnamed: boolean;
  rows: number;
  /** Fields without a value: blank ones, words that say so, and those that are not what the column is. */
  missing: number;
  /** Of the missing ones, words that mean unknown. */
  words: ReadonlyMap<string, OddWord>;
  /** Of the missing ones, words that are not numbers or dates as the others are; the first so many different ones. */
  odd: ReadonlyMap<string, OddWord>;
  /** Of the missing ones, how many hold odd words that differ from all of these. */
  otherOdd: number;
  /** Of the others, how many are numbers and whole numbers. */
  numbers: number;
  integers: number;
  /** Of the numbers, or else the dates. */
  summary: Summary;
  /** The least and the largest number, and the lines where they stand; nothing unless there are numbers. */
  extremes?: readonly [Extreme, Extreme];
  /** Whether dates have a time of day. */
  hasTime: boolean;
  /** Whether whole numbers only ever grow by one from row to row. */
  counts: boolean;
  /** How often each value occurs; undefined when there are too many to count. */
  values: Map<string, number> | undefined;
  /** The last row's field. */
  last: { text: string; line: number };
  /** The first rows' fields. */
  sample: string[];
  /** What orders them: numbers, or moments; NaN for a word, and a gap. */
  ranks: number[];
  /** Whether they are gaps. */
  gaps: boolean[];
}

export interface Extreme {
  value: number;
  line: number;
}

/**
 * Looks at every field of a CSV file: first at how its columns are to be read, then at what they hold.
 * @param said what is known of columns already @param onRemark called with what was inferred of the file
 * @throws LapidaryError `invalid_dataset`
 */
export async function profileCsv(
  source: CsvSource,
  said: Readonly<Record<string, Said>> = {},
  onRemark: (remark: string) => void = () => {},
): Promise<ColumnProfile[]> {
  const survey = (name: string, csv: CsvReader) => {
    const known = Object.hasOwn(said, name) ? said[name]! : {};
    return new Survey(name, known, markOf(csv));
  };
  const surveys = await eachColumn(source, survey, onRemark);
  const readings = surveys.map((column) => column.settle());
  return eachColumn(
    source,
    (name, csv, place) => new Profiler(name, readings[place]!, csv, isUnnamed(csv, place)),
  );
}

/**
 * Looks at every field of a CSV file of which it is known how its columns are read.
 * @throws LapidaryError `invalid_dataset`
 */
export function profileDeclared(
  source: CsvSource,
  readings: ReadonlyMap<string, Reading>,
): Promise<ColumnProfile[]> {
  const other: Reading = { kind: 'category', notes: [] };
  return eachColumn(
    source,
    (name, csv) => new Profiler(name, readings.get(name) ?? other, csv, false),
  );
}

interface ColumnVisitor {
  add(block: Block, row: number, column: number): void;
}

/** Shows each field to a visitor of its column. */
async function eachColumn<Visitor extends ColumnVisitor>(
  { read, dialect, charset, exactHeader }: CsvSource,
  visit: (name: string, csv: CsvReader, place: number) => Visitor,
  onRemark: (remark: string) => void = () => {},
): Promise<Visitor[]> {
  const text = readText(read(), {
    format: 'csv',
    unnamed: 'windows-1252',
    onRemark,
    ...(charset !== undefined && { charset }),
  });
  const csv = await readCsv(text, {
    ...(dialect && { dialect }),
    ...(exactHeader && { exactHeader }),
    onRemark,
  });
  refuseWide(csv.header.length);
  const visitors = csv.header.map((name, place) => visit(name, csv, place));
  for await (const block of csv.blocks()) {
    for (let row = 0; row < block.rows; row++)
      visitors.forEach((visitor, column) => {
        visitor.add(block, row, column);
      });
  }
  return visitors;
}

function refuseWide(columns: number): void {
  if (columns <= MOST_COLUMNS) return;
  throw refusal(
    `there are ${columns} columns; at most ${MOST_COLUMNS} can be looked at: write a file of those that matter, or of their principal components`,
  );
}

function isUnnamed({ header, titles }: CsvReader, place: number): boolean {
  return titles[place]!.trim() === '' || UNNAMED.test(header[place]!);
}

function markOf({ dialect }: Pick<CsvReader, 'dialect'>) {
  return dialect.decimalComma ? 'comma' : 'point';
}

class Profiler implements ColumnProfile {
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
    readonly reading: Reading,
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

  /** A number or moment; NaN for a word; undefined for a gap. */
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

  /** A gap that does not say so is a word that is not what the column is. */
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

  /** Keeps a number that lies beyond those before it. */
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
