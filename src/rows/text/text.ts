import { gunzip } from '../gunzip.js';
import { boundBlanks } from './blank.js';
import { decodeText, isWide } from './charset.js';
import { refuseForeign, type TextFormat } from './foreign.js';
import { followedBy } from './utf8.js';

/** Options for reading the bytes of a file or body as text. */
export interface TextOptions {
  format: TextFormat;
  /** Name of the charset. A byte order mark takes precedence. */
  charset?: string | undefined;
  /** Treatment of bytes that are not UTF-8, if no charset is named. */
  unnamed: 'windows-1252' | 'refused';
  /** Called with each inference, as a sentence, while the bytes are read. */
  onRemark?: ((remark: string) => void) | undefined;
}

/** Number of bytes that suffices to recognise a format. */
const HEAD_BYTES = 4096;
const GZIP = Buffer.of(0x1f, 0x8b, 0x08);

/**
 * Reads text: unpacks gzip, refuses binary formats, and decodes charsets. The result is UTF-8, with a byte order mark
 * if the text has one.
 * @throws LapidaryError `invalid_dataset` naming a binary format, or for endless blank lines; `unsupported_charset`;
 *   `invalid_gzip`
 */
export async function* readText(
  chunks: AsyncIterable<Uint8Array>,
  options: TextOptions,
): AsyncGenerator<Uint8Array> {
  const first = await peek(chunks);
  if (!GZIP.equals(first.head.subarray(0, GZIP.length))) return yield* decodeKnown(first, options);
  options.onRemark?.('it is gzip and is unpacked');
  yield* decodeKnown(await peek(gunzip(first.all)), options);
}

interface Peeked {
  head: Uint8Array;
  all: AsyncGenerator<Uint8Array>;
}

async function* decodeKnown({ head, all }: Peeked, options: TextOptions) {
  try {
    refuseForeign(head, options.format, options.charset !== undefined || isWide(head));
    yield* boundBlanks(decodeText(head, all, options));
  } finally {
    await all.return(undefined);
  }
}

/** Reads the first bytes, and returns them and a stream that includes them. */
async function peek(chunks: AsyncIterable<Uint8Array>): Promise<Peeked> {
  const source = chunks[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < HEAD_BYTES) {
    const next = await source.next();
    if (next.done) break;
    taken.push(next.value);
    bytes += next.value.length;
  }
  const head = taken.length === 1 ? taken[0]! : Buffer.concat(taken);
  return { head, all: replay(head, source) };
}

async function* replay(head: Uint8Array, source: AsyncIterator<Uint8Array>) {
  try {
    yield* followedBy(head, source);
  } finally {
    await source.return?.();
  }
}
