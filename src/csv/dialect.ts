import { Block } from './block.js';
import { CR, LF, QUOTE } from './bytes.js';
import { csvError, Faults } from './faults.js';
import { INVALID, parseNumber } from './number.js';
import { Scanner } from './scanner.js';

/** How a CSV file is written. Fields may stand in quotes ("), with a quote in them doubled. */
export interface Dialect {
  /** One ASCII character that is no letter, digit, quote, sign, point or line break. */
  delimiter: string;
  /** What ends a row. With `lf` and `crlf` both do; with `cr` only that. */
  lineBreak: 'lf' | 'crlf' | 'cr';
  /** Whether numbers are written as 1.234,56. */
  decimalComma: boolean;
  /** Whether the file begins with the byte order mark of UTF-8, to be skipped. */
  bom: boolean;
}

/** In the order of trust: what is seldom in a text by accident comes first. */
const DELIMITERS = ['\t', ';', '|', ','];
const SAMPLE_FIELDS = 1 << 12;
const SAMPLE_ROWS = 64;

/** The byte order mark of UTF-8. */
export const UTF8_MARK = Buffer.of(0xef, 0xbb, 0xbf);

/**
 * Finds the dialect of a CSV file from its first bytes.
 * @param given what need not be found
 * @param whole whether the bytes are all of the file
 * @throws LapidaryError `invalid_dataset` if the delimiter given cannot be one
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

/** The first bytes of a file, split in one way or another. */
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

  /** What ends the first row; a CR does only where there is no LF. */
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

  /** The delimiter by which most rows have as many fields as the header has. */
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

  /** Whether most numbers that are no integers have a decimal comma. */
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

  /** The fields of the first rows, the header among them, however many each has. */
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
      // The rows before one that cannot be read are enough.
    }
    return rows;
  }

  /** The rows below the header; no columns if no header can be read. */
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
      // A quote is never closed: what comes before it tells enough.
      if (block.columns > 0) scanner.scan(block, start, size, false);
    }
    return block;
  }
}
