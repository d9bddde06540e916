import { LapidaryError } from '../../core/errors.js';
import { SPACE } from '../../csv/bytes.js';

/** Maximum number of blank bytes in a row: as many as a record may have. */
const MOST_BLANK_BYTES = 1 << 24;

/** Returns whether bytes are only spaces, line breaks and other control characters. */
export function isBlank(bytes: Uint8Array): boolean {
  return blanksFrom(bytes) === bytes.length;
}

/**
 * Passes text on, but for endless blank lines: gzip packs a thousand of them into a byte, and none is a row that any
 * limit counts.
 * @throws LapidaryError `invalid_dataset`
 */
export async function* boundBlanks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let blanks = 0;
  for await (const chunk of chunks) {
    const before = blanksFrom(chunk);
    blanks += before;
    if (blanks > MOST_BLANK_BYTES) {
      const detail = `there are more than ${MOST_BLANK_BYTES} bytes of blank lines in a row: remove them`;
      throw new LapidaryError('invalid_dataset', detail);
    }
    if (before < chunk.length) blanks = blanksTo(chunk);
    yield chunk;
  }
}

function blanksFrom(bytes: Uint8Array): number {
  let end = 0;
  while (end < bytes.length && bytes[end]! <= SPACE) end++;
  return end;
}

function blanksTo(bytes: Uint8Array): number {
  let start = bytes.length;
  while (start > 0 && bytes[start - 1]! <= SPACE) start--;
  return bytes.length - start;
}
