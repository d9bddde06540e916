import { CR, LF } from './bytes.js';
import { type Dialect, Sample, sniffDialect } from './dialect.js';
import { parseNumber } from './number.js';

/** The part of a file before its header. */
export interface Preamble {
  /** Its length in bytes, and in lines. */
  bytes: number;
  lines: number;
  /** The delimiter, if it names one. */
  delimiter?: string;
  remarks: string[];
}

/** The line that Excel writes before a header to name the delimiter: sep=; */
const SEPARATOR = /^"?sep=([^\p{L}\d"+.\r\n-])"?[ ;,\t]*$/iu;
const COMMENT = 0x23;
const SHOWN = 60;

/**
 * Finds the lines before the header: one that names the delimiter, and comments.
 * @param bytes the first bytes of a file, without a byte order mark @param whole whether they are the whole file
 */
export function readPreamble(bytes: Buffer, given: Partial<Dialect>, whole: boolean): Preamble {
  const preamble: Preamble = { bytes: 0, lines: 0, remarks: [] };
  const first = lineAt(bytes, 0);
  const [, delimiter] = SEPARATOR.exec(first.text) ?? [];
  if (delimiter !== undefined) {
    preamble.delimiter = delimiter;
    skip(preamble, first.end, `line 1, "${first.text}", names the delimiter`);
  }
  const comments = commentsAt(bytes, preamble.bytes);
  const last = comments.at(-1);
  const known = { ...given, ...(delimiter !== undefined && { delimiter }) };
  if (last && namesColumns(bytes, last, known, whole)) comments.pop();
  for (const { end, text } of comments) {
    const line = preamble.lines + 1;
    skip(preamble, end, `line ${line} is a comment and is skipped: ${text.slice(0, SHOWN)}`);
  }
  return preamble;
}

interface Line {
  start: number;
  end: number;
  text: string;
}

function skip(preamble: Preamble, end: number, remark: string): void {
  preamble.bytes = end;
  preamble.lines++;
  preamble.remarks.push(remark);
}

/** Returns the consecutive lines from `start` that begin with #. */
function commentsAt(bytes: Buffer, start: number): Line[] {
  const lines: Line[] = [];
  for (let at = start; bytes[at] === COMMENT; at = lines.at(-1)!.end) lines.push(lineAt(bytes, at));
  return lines;
}

/**
 * Decides whether a line that begins with # is the header: the next line has as many fields, with numbers among
 * them, or is missing.
 */
function namesColumns(
  bytes: Buffer,
  { start, end }: Line,
  given: Partial<Dialect>,
  whole: boolean,
): boolean {
  const dialect = sniffDialect(bytes.subarray(end), given, whole);
  const [header, row] = new Sample(bytes.subarray(start), whole).firstRows(dialect);
  if (!header || !row) return true;
  const isNumber = (field: string) =>
    Number.isFinite(parseNumber(Buffer.from(field), 0, Buffer.byteLength(field), false));
  return header.length === row.length && row.some(isNumber);
}

function lineAt(bytes: Buffer, start: number): Line {
  const found = [bytes.indexOf(LF, start), bytes.indexOf(CR, start)].filter((at) => at >= 0);
  const stop = Math.min(bytes.length, ...found);
  const end = bytes[stop] === CR && bytes[stop + 1] === LF ? stop + 2 : stop + 1;
  return { start, end: Math.min(end, bytes.length), text: bytes.toString('utf8', start, stop) };
}
