import { CR, LF, MINUS, QUOTE, ZERO } from './bytes.js';
import { type Dialect, UTF8_MARK } from './dialect.js';

const FIRST_SIZE = 1 << 16;
/** Maximum length of a double's text. */
const NUMBER_BYTES = 32;
/** Up to this length a loop copies faster than `set`. */
const FEW_BYTES = 64;
const LINE_BREAKS = { lf: '\n', crlf: '\r\n', cr: '\r' } as const;

/** Writes CSV field by field to a buffer that grows until it is taken. */
export class CsvWriter {
  private bytes = Buffer.allocUnsafeSlow(FIRST_SIZE);
  private end = 0;
  private rowStart: number;
  private fields = 0;
  private readonly delimiter: number;
  private readonly lineBreak: Buffer;
  private readonly decimalComma: boolean;
  /** Matches text that needs quotes: a delimiter, quote or line break in it, or a leading byte order mark. */
  private readonly special: RegExp;

  /** @param dialect defaults to `,`, `lf`, a decimal point and no byte order mark */
  constructor(dialect: Partial<Dialect> = {}) {
    const { delimiter = ',', lineBreak = 'lf', decimalComma = false, bom = false } = dialect;
    this.delimiter = delimiter.charCodeAt(0);
    this.lineBreak = Buffer.from(LINE_BREAKS[lineBreak]);
    this.decimalComma = decimalComma;
    this.special = new RegExp(
      `["\\r\\n\\x${this.delimiter.toString(16).padStart(2, '0')}]|^\\ufeff`,
    );
    if (bom) this.append(UTF8_MARK, 0, UTF8_MARK.length);
    this.rowStart = this.end;
  }

  /** Returns the number of bytes that {@link take} would return. */
  get size(): number {
    return this.end;
  }

  /** Adds a text field, quoted if needed. */
  text(value: string): void {
    this.separate(value.length);
    const { bytes, delimiter } = this;
    let at = this.end;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f || code === delimiter || code === QUOTE || code === LF || code === CR) {
        this.write(this.special.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
        return;
      }
      bytes[at++] = code;
    }
    this.end = at;
  }

  /** Adds a number as `String()` prints it, or an empty field for NaN. */
  number(value: number): void {
    if ((value | 0) === value) {
      this.separate(NUMBER_BYTES);
      this.end = writeInteger(this.bytes, this.end, value);
    } else if (Number.isNaN(value)) this.separate(0);
    else this.text(this.decimalComma ? String(value).replace('.', ',') : String(value));
  }

  /** Adds the raw bytes of fields in the same dialect: a block's row or part of it. */
  raw(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.separate(end - start);
    if (end - start > FEW_BYTES) {
      this.append(bytes, start, end);
      return;
    }
    const to = this.bytes;
    let at = this.end;
    for (let from = start; from < end; from++) to[at++] = bytes[from]!;
    this.end = at;
  }

  /** Ends the row. */
  endRow(): void {
    // An empty line would be skipped when read.
    if (this.end === this.rowStart) this.write('""');
    this.append(this.lineBreak, 0, this.lineBreak.length);
    this.rowStart = this.end;
    this.fields = 0;
  }

  /** Returns the bytes written since the last call, and passes ownership to the caller. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.end);
    this.bytes = Buffer.allocUnsafeSlow(Math.max(FIRST_SIZE, this.end));
    this.end = 0;
    this.rowStart = 0;
    return taken;
  }

  /** Begins a field and reserves room for it. */
  private separate(room: number): void {
    this.reserve(room + 1);
    if (this.fields++ > 0) this.bytes[this.end++] = this.delimiter;
  }

  private append(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    this.bytes.set(bytes.subarray(start, end), this.end);
    this.end += end - start;
  }

  private write(text: string): void {
    this.reserve(3 * text.length);
    this.end += this.bytes.write(text, this.end);
  }

  private reserve(room: number): void {
    const size = this.end + room;
    if (size <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(size, 2 * this.bytes.length));
    this.bytes.copy(grown, 0, 0, this.end);
    this.bytes = grown;
  }
}

/** Writes a 32-bit integer, several times as fast as through a string. */
function writeInteger(bytes: Uint8Array, at: number, value: number): number {
  let rest = Math.abs(value);
  let start = at;
  if (value < 0) bytes[start++] = MINUS;
  let end = start + 1;
  for (let bound = 10; bound <= rest; bound *= 10) end++;
  for (let to = end - 1; to >= start; to--) {
    const tens = Math.floor(rest / 10);
    bytes[to] = ZERO + rest - 10 * tens;
    rest = tens;
  }
  return end;
}
