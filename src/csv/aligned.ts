import { CR, LF, QUOTE, SPACE, TAB } from './bytes.js';
import type { Dialect } from './dialect.js';

/** Number of lines to examine. */
const SAMPLE_LINES = 64;
const SAMPLE_BYTES = 1 << 14;
const FIELD = /"[^"]*"|[^\s"]\S*/g;

/**
 * Decides whether fields are separated by runs of blanks: the header has no other delimiter, and each line has as many
 * words as the header, or one more that names the row.
 * @param bytes the first bytes, from the header on @param whole whether they are the whole file
 */
export function isAligned(bytes: Buffer, { delimiter }: Dialect, whole: boolean): boolean {
  const lines = bytes.toString('utf8', 0, SAMPLE_BYTES).split(/\r\n|\r|\n/);
  if (!whole || bytes.length > SAMPLE_BYTES) lines.pop();
  const [header = '', ...rows] = lines
    .filter((line) => line.trim() !== '')
    .slice(0, SAMPLE_LINES + 1);
  const names = wordsIn(header);
  if (names < 2 || rows.length === 0 || header.includes(delimiter)) return false;
  const [count] = new Set(rows.map(wordsIn));
  return rows.every((row) => wordsIn(row) === count) && (count === names || count === names + 1);
}

function wordsIn(line: string): number {
  return line.match(FIELD)?.length ?? 0;
}

/** Replaces blanks between fields by one tab, and removes those at the ends of lines. */
export async function* collapseBlanks(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let isQuoted = false;
  let isStart = true;
  let isBlank = false;
  for await (const chunk of chunks) {
    // A blank at the end of the previous chunk may become a tab in this one.
    const out = Buffer.allocUnsafe(chunk.length + 1);
    let length = 0;
    for (const byte of chunk) {
      if (!isQuoted && (byte === SPACE || byte === TAB)) isBlank = true;
      else {
        const isBreak = byte === LF || byte === CR;
        if (isBlank && !isStart && !isBreak) out[length++] = TAB;
        if (byte === QUOTE && (isQuoted || isStart || isBlank)) isQuoted = !isQuoted;
        isStart = isBreak && !isQuoted;
        isBlank = false;
        out[length++] = byte;
      }
    }
    if (length > 0) yield out.subarray(0, length);
  }
}
