import { Block } from './block.js';
import { CR, LF, QUOTE } from './bytes.js';
import { csvError, Faults } from './faults.js';
import { INVALID, parseNumber } from './number.js';
import { Scanner } from './scanner.js';

/** The format of a CSV file. Fields may be quoted with ", and a quote inside is doubled. */
export interface Dialect {
  /** One ASCII character other than a letter, digit, quote, sign, point or line break. */
  delimiter: string;
  /** The end of a row. `lf` and `crlf` both accept either; `cr` accepts only CR. */
  lineBreak: 'lf' | 'crlf' | 'cr';
  /** Whether numbers have a decimal comma, as 1.234,56. */
  decimalComma: boolean;
  /** Whether the file begins with the byte order mark of UTF-8, which is skipped. */
  bom: boolean;
}

/** Candidates in order of preference: first those that are rare in text. */
const DELIMITERS = ['\t', ';', '|', ','];
const SAMPLE_FIELDS = 1 << 12;
const SAMPLE_ROWS = 64;

/** The byte order mark of UTF-8. */
export const UTF8_MARK = Buffer.of(0xef, 0xbb, 0xbf);

/**
 * Detects the dialect of a CSV file from its first bytes.
 * @param given the known part of the dialect
 * @param whole whether the bytes are the whole file
 * @throws LapidaryError `invalid_dataset` if the given delimiter is invalid
 */
export function sniffDialect(
  bytes: Uint8Array,
  given: Partial<Dialect> = {},
  whole = false,
): Dialect {
  if (given.delimiter !== undefined) checkDelimiter(given.delimiter);
  const bom = given.bom !== false && UTF8_MARK.equals(bytes.subarray(0, UTF8_MARK.length));
  const sample = new Sample(bytes.subarray(bom ? UTF8_MARK.length : 0), whole);
  const lineBreak = given.lineBreak ?? sample.lineBreak();
  const delimiter = given.delimiter ?? sample.delimiter(lineBreak);
  const decimalComma =
    given.decimalComma ?? (delimiter !== ',' && sample.decimalComma(delimiter, lineBreak));
  return { delimiter, lineBreak, decimalComma, bom };
}

function checkDelimiter(delimiter: string): void {
  if (!/^[^\p{L}\d"+.\r\n-]$/u.test(delimiter) || delimiter > '\x7f') {
    throw csvError(`${JSON.stringify(delimiter)} cannot be a delimiter`);
  }
}

/** Splits the first bytes of a file with candidate dialects. */
export class Sample {
  private readonly size: number;
  private readonly buffer: Buffer;

  constructor(
    bytes: Uint8Array,
    private readonly whole: boolean,
  ) {
    this.size = bytes.length;
    this.buffer = Buffer.alloc(2 * this.size + 2);
    this.buffer.set(bytes);
  }

  /** Detects the end of the first row; CR only if the sample has no LF. */
  lineBreak(): Dialect['lineBreak'] {
    let quoted = false;
    let alone = 0;
    for (let i = 0; i < this.size; i++) {
      const byte = this.buffer[i];
      if (byte === QUOTE) quoted = !quoted;
      else if (quoted) continue;
      else if (byte === LF) return i > 0 && this.buffer[i - 1] === CR ? 'crlf' : 'lf';
      else if (byte === CR) alone++;
    }
    return alone > 0 ? 'cr' : 'lf';
  }

  /** Detects the delimiter with which most rows have as many fields as the header. */
  delimiter(lineBreak: Dialect['lineBreak']): string {
    let best = ',';
    let most = 0;
    for (const delimiter of DELIMITERS) {
      const block = this.split(delimiter, lineBreak);
      if (block.columns < 2) continue;
      const share = (block.rows + 1) / (block.rows + block.badRows.length + 1);
      if (share > most) {
        most = share;
        best = delimiter;
      }
    }
    return best;
  }

  /** Decides whether most non-integers have a decimal comma. */
  decimalComma(delimiter: string, lineBreak: Dialect['lineBreak']): boolean {
    const { bytes, spans, rows, columns } = this.split(delimiter, lineBreak);
    let commas = 0;
    let points = 0;
    for (let at = 0; at < 2 * rows * columns; at += 2) {
      const start = spans[at]!;
      const end = spans[at + 1]!;
      const asComma = parseNumber(bytes, start, end, true) !== INVALID;
      const asPoint = parseNumber(bytes, start, end, false) !== INVALID;
      if (asComma && !asPoint) commas++;
      if (asPoint && !asComma) points++;
    }
    return commas > points;
  }

  /** Returns the fields of the first rows, including the header; rows may differ in length. */
  firstRows({ delimiter, lineBreak }: Pick<Dialect, 'delimiter' | 'lineBreak'>): string[][] {
    const block = new Block(SAMPLE_FIELDS);
    const scanner = new Scanner({ delimiter, lineBreak }, this.size, new Faults(this.size));
    block.bytes = this.buffer;
    const rows: string[][] = [];
    try {
      for (let start = 0; rows.length <= SAMPLE_ROWS; ) {
        block.columns = 0;
        start = scanner.scan(block, start, this.size, this.whole);
        if (block.rows === 0) break;
        const fields = Math.min(block.columns, SAMPLE_FIELDS);
        rows.push(Array.from({ length: fields }, (_, column) => block.text(0, column)));
      }
    } catch {
      // The rows before an unreadable one are enough.
    }
    return rows;
  }

  /** Splits the rows below the header; without columns if the header is unreadable. */
  private split(delimiter: string, lineBreak: Dialect['lineBreak']): Block {
    const { size } = this;
    const block = new Block(SAMPLE_FIELDS);
    const faults = new Faults(size);
    const scanner = new Scanner({ delimiter, lineBreak }, size, faults);
    block.bytes = this.buffer;
    let start = 0;
    try {
      start = scanner.scan(block, 0, size, this.whole);
      faults.quarantine = true;
      scanner.scan(block, start, size, this.whole);
    } catch {
      // A quote is not closed: the rows before it are enough.
      if (block.columns > 0) scanner.scan(block, start, size, false);
    }
    return block;
  }
}
