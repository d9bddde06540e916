import { CR, LF, QUOTE, SPACE } from './bytes.js';

/** Result of {@link QuotedField.scan} in place of a byte. */
export const UNFINISHED = -1;
const TEXT_AFTER_QUOTE = -2;

/** Scans quoted fields and holds the last one. */
export class QuotedField {
  /** Position of its text: in place, or after `spare` if it had doubled quotes. */
  start = 0;
  end = 0;
  /** Position of the byte that ended it: a delimiter or line break. */
  pos = 0;
  /** Number of line breaks in it. */
  breaks = 0;
  /** Start of the free room for text. */
  spare = 0;

  constructor(
    private readonly delimiter: number,
    private readonly lineBreak: number,
  ) {}

  /**
   * Scans the field whose quote opens at `open`; `bytes[limit]` must be a line break.
   * @returns the byte that ended it, or the code of a failure
   */
  scan(bytes: Uint8Array, open: number, limit: number, last: boolean): number {
    const { lineBreak } = this;
    let doubled = false;
    let breaks = 0;
    let pos = open + 1;
    for (;;) {
      let byte = bytes[pos]!;
      while (byte !== QUOTE && byte !== lineBreak) byte = bytes[++pos]!;
      if (byte === lineBreak) {
        if (pos >= limit) return UNFINISHED;
        breaks++;
      } else {
        if (bytes[pos + 1] !== QUOTE) break;
        doubled = true;
        pos++;
      }
      pos++;
    }
    this.breaks = breaks;
    this.start = open + 1;
    this.end = pos;
    if (doubled) this.unescape(bytes);
    return this.finish(bytes, pos + 1, limit, last);
  }

  /** Checks the bytes after the closing quote. */
  private finish(bytes: Uint8Array, after: number, limit: number, last: boolean): number {
    const { lineBreak } = this;
    let pos = after;
    while (bytes[pos] === SPACE && this.delimiter !== SPACE) pos++;
    if (bytes[pos] === CR && lineBreak === LF && bytes[pos + 1] === LF) {
      // The file's own line feed, or one still to be read: not the one that marks the file's end.
      if (pos + 1 < limit || !last) pos++;
    }
    const byte = bytes[pos]!;
    this.pos = pos;
    return byte === this.delimiter || byte === lineBreak ? byte : TEXT_AFTER_QUOTE;
  }

  /** Copies the text to the spare room with doubled quotes halved, after a quote as in the file. */
  private unescape(bytes: Uint8Array): void {
    let to = this.spare;
    bytes[to++] = QUOTE;
    const start = to;
    for (let from = this.start; from < this.end; from++) {
      const byte = bytes[from]!;
      bytes[to++] = byte;
      if (byte === QUOTE) from++;
    }
    this.start = start;
    this.end = to;
    this.spare = to;
  }
}
