import { isAscii, isUtf8 } from 'node:buffer';

/** Bytes that are not UTF-8. */
export interface InvalidText {
  /** Those of the chunk before them, and themselves. */
  before: Uint8Array;
  byte: number;
  /** The 1-based line that they are on. */
  line: number;
  /** The line on which the chunk begins. */
  firstLine: number;
  /** Whether all text before them is ASCII. */
  isFirst: boolean;
  /** All bytes from the beginning of the chunk on. */
  rest: AsyncIterable<Uint8Array>;
}

/**
 * Passes UTF-8 on, in chunks that are cut between characters. Chunks are checked where they lie: it costs next to
 * nothing.
 * @param newline the byte that ends a line
 * @param onInvalid returns what stands in for the rest, or throws
 * @param onLost called when text has U+FFFD, which stands for what could not be converted
 * @param onNul called with what stands before a byte 0, which no text has, and its line
 */
export async function* checkUtf8(
  chunks: AsyncIterable<Uint8Array>,
  newline: number,
  onInvalid: (invalid: InvalidText) => AsyncIterable<Uint8Array>,
  onLost: () => void,
  onNul: (before: Uint8Array, line: number) => void,
): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  let begun: Uint8Array = Buffer.alloc(0);
  let line = 1;
  let isPlain = true;
  try {
    for (let isLast = false; !isLast; ) {
      const next = await source.next();
      isLast = next.done === true;
      const chunk = isLast ? Buffer.alloc(0) : (next.value as Uint8Array);
      const bytes = begun.length === 0 ? chunk : Buffer.concat([begun, chunk]);
      const whole = isLast ? bytes : bytes.subarray(0, wholeLength(bytes));
      if (!isAscii(whole)) {
        if (!isUtf8(whole)) {
          const rest = followedBy(bytes, source);
          yield* onInvalid({ ...locate(whole, line, newline, isPlain), firstLine: line, rest });
          return;
        }
        isPlain = false;
        if (asBuffer(whole).includes('\ufffd')) onLost();
      }
      const nul = asBuffer(whole).indexOf(0);
      if (nul >= 0)
        onNul(whole.subarray(0, nul), line + countLines(whole.subarray(0, nul), newline));
      line += countLines(whole, newline);
      begun = bytes.subarray(whole.length);
      if (whole.length > 0) yield whole;
    }
  } finally {
    await source.return?.();
  }
}

const LOW_BITS = 0x7f7f7f7f;
const ONES = 0x01010101;

/** Counts the bytes that end a line: four at a time, since every byte of every file is looked at. */
export function countLines(bytes: Uint8Array, newline: number): number {
  const before = Math.min(bytes.length, -bytes.byteOffset & 3);
  const count = (bytes.length - before) >>> 2;
  const words = new Int32Array(bytes.buffer, count > 0 ? bytes.byteOffset + before : 0, count);
  const pattern = newline * ONES;
  let lines = 0;
  for (let i = 0; i < count; i++) {
    const word = words[i]! ^ pattern;
    // The upper bit of each byte that is 0.
    const zeros = ~(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS);
    lines += Math.imul(zeros >>> 7, ONES) >>> 24;
  }
  for (let i = 0; i < before; i++) if (bytes[i] === newline) lines++;
  for (let i = before + 4 * count; i < bytes.length; i++) if (bytes[i] === newline) lines++;
  return lines;
}

function locate(bytes: Uint8Array, firstLine: number, newline: number, isPlain: boolean) {
  const at = invalidAt(bytes);
  const before = bytes.subarray(0, at);
  const line = firstLine + countLines(before, newline);
  return { before, byte: bytes[at]!, line, isFirst: isPlain && isAscii(before) };
}

/** Returns where the first byte is that is not UTF-8. */
function invalidAt(bytes: Uint8Array): number {
  const buffer = asBuffer(bytes);
  const text = buffer.toString();
  for (let i = text.indexOf('\ufffd'); i >= 0; i = text.indexOf('\ufffd', i + 1)) {
    const at = Buffer.byteLength(text.slice(0, i));
    if (buffer.indexOf('\ufffd', at) !== at) return at;
  }
  return bytes.length - 1;
}

/** Returns how many bytes there are without a character that goes on behind them. */
function wholeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

async function* followedBy(first: Uint8Array, source: AsyncIterator<Uint8Array>) {
  yield first;
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
