import { type Fault, LapidaryError } from '../core/errors.js';
import { DEEPEST, excessOf, isTooDeep, LARGE } from '../core/json.js';
import { LF } from '../csv/bytes.js';

const MAX_LINE_BYTES = 1 << 24;

/** Parses the object on a line; adds faults to `faults`. */
export function parseRecord(
  bytes: Buffer,
  instance: number,
  faults: Fault[],
): Record<string, unknown> | undefined {
  try {
    const text = textOf(bytes);
    const excess = text.length > LARGE ? excessOf(text) : undefined;
    const record: unknown = excess === undefined ? JSON.parse(text) : undefined;
    if (excess !== undefined || isTooDeep(record, bytes)) {
      const message = excess ?? `is nested deeper than ${DEEPEST} levels`;
      faults.push({ instance, code: 'invalid_json', message });
      return undefined;
    }
    if (typeof record === 'object' && record !== null && !Array.isArray(record))
      return record as Record<string, unknown>;
    faults.push({ instance, code: 'wrong_type', message: 'must be a JSON object' });
  } catch (error) {
    faults.push({ instance, code: 'invalid_json', message: (error as Error).message });
  }
  return undefined;
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Parses a valid line again, with integers that a double would round as text. */
export function parseExactly(bytes: Buffer): Record<string, unknown> {
  const quote = (token: string) => (/^-?\d{16,}$/.test(token) ? `"${token}"` : token);
  return JSON.parse(textOf(bytes).replace(STRING_OR_NUMBER, quote));
}

export interface Line {
  /** 1-based. */
  number: number;
  bytes: Buffer;
}

/** Reads the lines that are not blank, those of one chunk at a time. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
  let number = 0;
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      number++;
      const rest = chunk.subarray(start, end);
      start = end + 1;
      if (begun.length === 0 && rest.length === 0) continue;
      lines.push({ number, bytes: Buffer.concat([...begun, rest]) });
      begun = [];
      begunBytes = 0;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
    begunBytes += chunk.length - start;
    if (begunBytes > MAX_LINE_BYTES) throw tooLong(number + 1);
    yield lines.filter(hasText);
  }
  const last = [{ number: number + 1, bytes: Buffer.concat(begun) }].filter(hasText);
  if (last.length > 0) yield last;
}

function hasText({ bytes }: Line): boolean {
  return bytes.length > 0 && textOf(bytes) !== '';
}

/** Decodes a line without blanks and byte order mark around it. */
export function textOf(bytes: Buffer): string {
  return bytes.toString().trim();
}

function tooLong(line: number): LapidaryError {
  const message = `line ${line} is longer than ${MAX_LINE_BYTES} bytes`;
  return new LapidaryError('invalid_dataset', message);
}
