import type { Block } from './block.js';
import { CR, LF, QUOTE, SPACE } from './bytes.js';
import type { Dialect } from './dialect.js';
import type { BadRecord, Faults } from './faults.js';
import { QuotedField, UNFINISHED } from './quoted.js';

/**
 * Splits bytes into rows and fields in one pass, without an object per row or field. An incomplete row is discarded
 * and scanned again when more bytes have been read.
 */
export class Scanner {
  /** Whether the last scan stopped because bytes ran out, rather than room in the block. */
  starved = false;
  private readonly delimiter: number;
  private readonly lineBreak: number;
  private readonly quoted: QuotedField;

  constructor(
    dialect: Pick<Dialect, 'delimiter' | 'lineBreak'>,
    private readonly maxRecordBytes: number,
    private readonly faults: Faults,
    /** The physical line on which the next row begins. */
    private line = 1,
  ) {
    this.delimiter = dialect.delimiter.charCodeAt(0);
    this.lineBreak = dialect.lineBreak === 'cr' ? CR : LF;
    this.quoted = new QuotedField(this.delimiter, this.lineBreak);
  }

  /**
   * Fills a block with rows, starting at `from`. A block without columns gets one row, which sets its columns.
   * @param limit end of the bytes; the buffer must have as much room after it, and two more bytes
   * @param last whether the file ends at the limit
   * @returns the start of the first row that is not in the block
   * @throws LapidaryError `invalid_dataset` for a bad row, unless quarantined; an unclosed quote; a record that is too
   *   long
   */
  scan(block: Block, from: number, limit: number, last: boolean): number {
    const { delimiter, lineBreak, maxRecordBytes, quoted, faults } = this;
    const { bytes, spans, records, lines, columns, capacity } = block;
    const high = Math.max(delimiter, QUOTE);
    const room = columns || capacity;
    const maxRows = columns === 0 ? 1 : Math.floor(capacity / columns);
    let { line } = this;
    let pos = from;
    let at = 0;
    let starved = false;
    let row = 0;
    block.badRows.length = 0;
    quoted.spare = limit + 1;
    bytes[limit] = lineBreak; // ends every loop below, so that none has to check the limit
    while (pos < limit && row < maxRows) {
      const rowStart = pos;
      const rowLine = line;
      let fields = 0;
      let stray = -1;
      let byte: number;
      do {
        let start = pos;
        let end: number;
        byte = bytes[pos]!;
        if (byte !== QUOTE) {
          for (;;) {
            while (byte > high || (byte !== delimiter && byte !== lineBreak && byte !== QUOTE)) {
              byte = bytes[++pos]!;
            }
            if (byte !== QUOTE || isBlank(bytes, start, pos, delimiter)) break;
            // Within a field a quote is literal, unless the row then has the wrong number of fields.
            if (stray < 0) stray = fields;
            byte = bytes[++pos]!;
          }
        }
        if (byte === QUOTE) {
          byte = quoted.scan(bytes, pos, limit, last);
          if (byte < 0) break;
          ({ start, end, pos } = quoted);
          line += quoted.breaks;
        } else {
          end = pos;
          if (byte !== delimiter && lineBreak === LF && pos < limit && isCR(bytes, start, end))
            end--;
        }
        if (fields < room) {
          spans[at] = start;
          spans[at + 1] = end;
          at += 2;
        }
        fields++;
        pos++;
      } while (byte === delimiter);
      let bad: BadRecord | undefined;
      if (byte !== lineBreak) {
        if (byte === UNFINISHED) {
          if (last) throw faults.unclosed(line, fields);
          pos = limit;
        } else {
          pos = quoted.pos;
          line += quoted.breaks;
          bad = faults.textAfterQuote(line, fields);
        }
        pos = bytes.indexOf(lineBreak, pos) + 1;
      }
      let end = pos - 1;
      if (end - rowStart > maxRecordBytes) throw faults.tooLong(rowLine);
      if (end === limit && !last) {
        pos = rowStart;
        line = rowLine;
        starved = true;
        break;
      }
      line++;
      if (lineBreak === LF && end < limit && isCR(bytes, rowStart, end)) end--;
      if (end === rowStart) {
        at -= 2;
        continue;
      }
      if (bad === undefined && fields !== columns) {
        if (columns === 0) block.columns = fields;
        else {
          const more = fields > columns ? blankEnd(bytes, end, fields - columns, delimiter) : -1;
          if (more >= rowStart) end = more;
          else if (stray >= 0) bad = faults.strayQuote(rowLine, stray);
          else bad = faults.miscounted(rowLine, columns, fields);
        }
      }
      if (bad === undefined) {
        lines[row] = rowLine;
        records[2 * row] = rowStart;
        records[2 * row + 1] = end;
        row++;
      } else {
        at = 2 * row * columns;
        if (block.reject(bad, rowStart, end)) break;
      }
    }
    block.rows = row;
    this.line = line;
    this.starved = starved || pos >= limit;
    return Math.min(pos, limit);
  }
}

/** Returns whether a range holds only spaces, and space is not the delimiter. */
function isBlank(bytes: Uint8Array, start: number, end: number, delimiter: number): boolean {
  if (delimiter === SPACE) return false;
  for (let pos = start; pos < end; pos++) if (bytes[pos] !== SPACE) return false;
  return true;
}

/** Returns the end of a row without a number of trailing fields; -1 if they are not empty. */
function blankEnd(bytes: Uint8Array, end: number, fields: number, delimiter: number): number {
  let left = fields;
  for (let pos = end - 1; pos >= 0; pos--) {
    if (bytes[pos] === delimiter) left--;
    else if (bytes[pos] !== SPACE) return -1;
    if (left === 0) return pos;
  }
  return -1;
}

function isCR(bytes: Uint8Array, start: number, end: number): boolean {
  return end > start && bytes[end - 1] === CR;
}
