import { canonical } from '../ml/encoding/words.js';
import { collapseBlanks, isAligned } from './aligned.js';
import { Block } from './block.js';
import { type Dialect, Sample, sniffDialect, UTF8_MARK } from './dialect.js';
import { csvError, Faults } from './faults.js';
import { readColumns } from './header.js';
import { type Preamble, readPreamble } from './preamble.js';
import { Scanner } from './scanner.js';
import { Window } from './window.js';

/** Options for reading a CSV file. */
export interface CsvOptions {
  /** The known part of the dialect; the rest is detected from the first bytes. */
  dialect?: Partial<Dialect> | undefined;
  /**
   * Treatment of a record that is not a valid row: `throw` stops, `quarantine` adds it to the block's `badRows` and
   * continues after its line. An unclosed quote, a record that is too long and a bad header always throw.
   */
  onBadRow?: 'throw' | 'quarantine';
  /** Whether the first line is the header as it is, without inference. */
  exactHeader?: boolean | undefined;
  /** Maximum length of a record; default 16 MiB. */
  maxRecordBytes?: number;
  /** Called with each inference, as a sentence. */
  onRemark?: (remark: string) => void;
  /** Number of bytes to scan at a time and to detect the dialect from; default 128 KiB. */
  windowBytes?: number;
}

/** Fits a core's cache together with a block's spans. */
const WINDOW = 1 << 17;
/** Long enough for a byte order mark. */
const MIN_WINDOW = 4;
const MAX_RECORD_BYTES = 1 << 24;
const NO_PREAMBLE: Preamble = { bytes: 0, lines: 0, remarks: [] };

/**
 * Opens a CSV file: detects its dialect from the first bytes and reads the header.
 * @param chunks the file's bytes, split anywhere
 * @throws LapidaryError `invalid_dataset` naming line and column of the fault
 */
export async function readCsv(
  chunks: AsyncIterable<Uint8Array>,
  options: CsvOptions = {},
): Promise<CsvReader> {
  const size = Math.max(options.windowBytes ?? WINDOW, MIN_WINDOW);
  const window = new Window(chunks[Symbol.asyncIterator](), size);
  try {
    const more = await window.fill();
    const { dialect: given = {}, exactHeader = false, onRemark = () => {} } = options;
    const sample = window.bytes.subarray(0, window.end);
    const bom = given.bom !== false && UTF8_MARK.equals(sample.subarray(0, UTF8_MARK.length));
    const start = bom ? UTF8_MARK.length : 0;
    const { delimiter, bytes, lines, remarks } = exactHeader
      ? NO_PREAMBLE
      : readPreamble(sample.subarray(start), given, !more);
    window.start = start + bytes;
    const rest = sample.subarray(window.start);
    const known = { ...(delimiter !== undefined && { delimiter }), ...given, bom: false };
    const dialect = { ...sniffDialect(rest, known, !more), bom };
    const isFound = known.delimiter === undefined && !exactHeader;
    if (isFound && isAligned(rest, dialect, !more)) {
      window.start = start;
      onRemark('its columns are separated by blanks');
      const aligned = { ...options, dialect: { ...given, delimiter: '\t', bom: false } };
      return await readCsv(collapseBlanks(window.rest()), aligned);
    }
    const reader = new CsvReader(window, more, dialect, options, lines + 1);
    const [, ...rows] = exactHeader ? [] : new Sample(rest, !more).firstRows(dialect);
    const ofHeader = await reader.readHeader(rows);
    for (const remark of [...remarks, ...ofHeader]) onRemark(remark);
    return reader;
  } catch (error) {
    await window.close();
    throw error;
  }
}

/** A CSV file with its header read. */
export class CsvReader {
  /** Names of the columns: trimmed, and generated where the file has none. */
  header: readonly string[] = [];
  /** Titles of the columns exactly as in the file; empty where it has none. */
  titles: readonly string[] = [];
  /** The 1-based physical line of the header. */
  headerLine = 1;
  /** The longest title, which identifies repeated headers. The first is excluded, as a byte order mark may precede it. */
  private mark = { column: 0, text: Buffer.alloc(0) };
  /** Numbers of the lines that repeat the header. */
  private readonly repeats: number[] = [];
  private readonly block = new Block();
  private readonly faults: Faults;
  private readonly scanner: Scanner;

  constructor(
    private readonly window: Window,
    private more: boolean,
    readonly dialect: Dialect,
    private readonly options: CsvOptions,
    firstLine: number,
  ) {
    const { maxRecordBytes = MAX_RECORD_BYTES } = options;
    this.faults = new Faults(maxRecordBytes);
    this.scanner = new Scanner(dialect, maxRecordBytes, this.faults, firstLine);
  }

  /** Returns the part of the dialect that was given, not detected. */
  get given(): Partial<Dialect> {
    return this.options.dialect ?? {};
  }

  /** Reads the rows in blocks, once. Leaving the loop early releases the file. */
  async *blocks(): AsyncGenerator<Block, void, undefined> {
    try {
      while (await this.advance()) {
        if (!this.options.exactHeader) this.dropHeaders();
        yield this.block;
      }
      if (this.repeats.length > 0) this.options.onRemark?.(describeRepeats(this.repeats));
    } finally {
      await this.window.close();
    }
  }

  /**
   * Finds a column by its exact or trimmed name.
   * @returns its index, or -1
   * @throws LapidaryError `invalid_dataset` if two columns have the name
   */
  find(name: string): number {
    const names = this.titles.includes(name) ? this.titles : this.header;
    const place = names.indexOf(name);
    const other = place < 0 ? -1 : names.indexOf(name, place + 1);
    if (other < 0) return place < 0 ? names.indexOf(canonical(name)) : place;
    const where = `columns ${place + 1} and ${other + 1}`;
    throw csvError(`two columns are called ${name}, ${where}: rename one of them`, this.headerLine);
  }

  /** Removes rows that repeat the header, as in concatenated files. */
  private dropHeaders(): void {
    const { block, mark, options, faults } = this;
    const { spans, columns } = block;
    for (let row = block.rows - 1; row >= 0; row--) {
      const at = 2 * (row * columns + mark.column);
      if (spans[at + 1]! - spans[at]! !== mark.text.length) continue;
      if (block.bytes[spans[at]!] !== mark.text[0] || !this.isHeader(row)) continue;
      const line = block.lines[row]!;
      if (options.onBadRow === 'quarantine') block.rejectRow(row, faults.repeatedHeader(line));
      else this.repeats.push(line);
      block.remove(row);
    }
  }

  private isHeader(row: number): boolean {
    return this.titles.every(
      (title, column) => canonical(this.block.text(row, column)) === canonical(title),
    );
  }

  /** Reads the header. @param rows the first rows @throws LapidaryError `invalid_dataset` if it is missing or invalid */
  async readHeader(rows: readonly (readonly string[])[]): Promise<string[]> {
    const { block } = this;
    if (!(await this.advance())) throw csvError('the file is empty, without a header');
    this.headerLine = block.lines[0]!;
    if (block.columns > block.capacity) {
      throw csvError(
        `there are ${block.columns} columns, more than ${block.capacity}`,
        this.headerLine,
      );
    }
    const fields = Array.from({ length: block.columns }, (_, column) => block.text(0, column));
    const { titles, names, remarks } = readColumns(fields, this.headerLine, rows);
    block.columns = titles.length;
    this.titles = titles;
    this.header = names;
    const longest = titles.reduce((best, title, column) => {
      const isLonger = title.length > titles[best]!.length;
      return column > 0 && (isLonger || best === 0) ? column : best;
    }, 0);
    this.mark = { column: longest, text: Buffer.from(titles[longest]!) };
    this.faults.names = names;
    this.faults.quarantine = this.options.onBadRow === 'quarantine';
    return remarks;
  }

  /** Fills the block. @returns false at the end of the file */
  private async advance(): Promise<boolean> {
    const { window, block, scanner } = this;
    for (;;) {
      if (!scanner.starved) {
        block.bytes = window.bytes;
        window.start = scanner.scan(block, window.start, window.end, !this.more);
        if (block.rows > 0 || block.badRows.length > 0) return true;
      } else if (this.more) {
        this.more = await window.fill();
        scanner.starved = false;
      } else return false;
    }
  }
}

const MOST_LINES = 5;

function describeRepeats(lines: readonly number[]): string {
  if (lines.length === 1) return `line ${lines[0]} repeats the header, and is skipped`;
  const shown = lines.toSorted((a, b) => a - b).slice(0, MOST_LINES);
  const more = lines.length > shown.length ? ` and ${lines.length - shown.length} more` : '';
  return `lines ${shown.join(', ')}${more} repeat the header, and are skipped`;
}
