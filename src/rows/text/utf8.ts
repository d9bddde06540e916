import { isAscii, isUtf8 } from 'node:buffer';

/** A position in text at which it is not UTF-8. */
export interface InvalidText {
  /** The chunk's bytes before the invalid ones, and the invalid ones. */
  before: Uint8Array;
  byte: number;
  /** 1-based line of the invalid bytes. */
  line: number;
  /** Line at which the chunk begins. */
  firstLine: number;
  /** Whether all text before is ASCII. */
  isFirst: boolean;
  /** All bytes from the start of the chunk on. */
  rest: AsyncIterable<Uint8Array>;
}

/**
 * Passes UTF-8 on in chunks split between characters, and checks it without copying.
 * @param newline the byte that ends a line
 * @param onInvalid returns a replacement for the rest, or throws
 * @param onLost called if text has U+FFFD, the trace of a failed conversion
 * @param onNul called with the text before a byte 0, which text never has, and its line
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

/** Counts line ends, four bytes at a time, since it runs over every byte of every file. */
export function countLines(bytes: Uint8Array, newline: number): number {
  const before = Math.min(bytes.length, -bytes.byteOffset & 3);
  const count = (bytes.length - before) >>> 2;
  const words = new Int32Array(bytes.buffer, count > 0 ? bytes.byteOffset + before : 0, count);
  const pattern = newline * ONES;
  let lines = 0;
  for (let i = 0; i < count; i++) {
    const word = words[i]! ^ pattern;
    // The upper bit of each zero byte.
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

/** Returns the position of the first byte that is not UTF-8. */
function invalidAt(bytes: Uint8Array): number {
  const buffer = asBuffer(bytes);
  const text = buffer.toString();
  for (let i = text.indexOf('\ufffd'); i >= 0; i = text.indexOf('\ufffd', i + 1)) {
    const at = Buffer.byteLength(text.slice(0, i));
    if (buffer.indexOf('\ufffd', at) !== at) return at;
  }
  return bytes.length - 1;
}

/** Returns the length without an incomplete character at the end. */
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

/** Yields the first chunk unless it is empty, then the rest of a source. */
export async function* followedBy(first: Uint8Array, source: AsyncIterator<Uint8Array>) {
  if (first.length > 0) yield first;
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
