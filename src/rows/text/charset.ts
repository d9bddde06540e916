import { LapidaryError } from '../../core/errors.js';
import { CR, LF } from '../../csv/bytes.js';
import type { TextOptions } from './text.js';
import { checkUtf8, countLines, type InvalidText } from './utf8.js';

/** Assumed charset of bytes that are not UTF-8, if none is named: that of Excel and Windows. */
const FALLBACK = 'windows-1252';
/** Labels of Latin-1, which mean windows-1252 as in the WHATWG Encoding Standard: it has the same letters, and more. */
const LATIN_1 = new Set(['iso88591', 'latin1', 'l1', 'cp819', 'ibm819', 'ascii', 'usascii']);
const UTF_8 = new Set(['utf8', 'utf8sig', 'unicode11utf8', 'u8']);
/** Encodings of the library that are not charsets. */
const NO_CHARSET = new Set(['base64', 'hex', 'binary', 'utf7', 'utf7imap']);
const REMEDY =
  'save it as UTF-8, or name its charset: --charset NAME, or charset=NAME in the content type';
const SHOWN = 20;

/**
 * Decodes bytes to UTF-8, and checks that they are valid in their charset.
 * @param head the first bytes @param all all bytes, including the first
 * @throws LapidaryError `unsupported_charset` for an unknown charset, or bytes that are invalid in it
 */
export async function* decodeText(
  head: Uint8Array,
  all: AsyncIterable<Uint8Array>,
  { charset: named, unnamed, onRemark = () => {} }: TextOptions,
): AsyncGenerator<Uint8Array> {
  const newline = head.includes(LF) || !head.includes(CR) ? LF : CR;
  const marked = markedCharset(head);
  const known = marked ?? (named === undefined ? undefined : await knownCharset(named));
  const charset = known ?? wideCharset(head) ?? 'utf-8';
  if (charset !== 'utf-8') {
    const reason = marked ? 'by its first bytes' : 'since every other byte is 0';
    if (known === undefined && unnamed === 'refused')
      throw refusal(`it is probably ${charset}, ${reason}`);
    if (known === undefined || (marked && marked !== named))
      onRemark(`it is read as ${charset}, ${reason}`);
    return yield* transcode(all, charset, newline);
  }
  let isLost = false;
  const onLost = () => {
    if (!isLost) onRemark('it contains U+FFFD: characters were lost in an earlier conversion');
    isLost = true;
  };
  const onInvalid = (invalid: InvalidText) => {
    const where = `line ${invalid.line}: ${describeByte(invalid)} is not UTF-8`;
    const isMixed = !invalid.isFirst;
    if (known !== undefined || unnamed === 'refused' || isMixed)
      throw refusal(isMixed ? `${where}, and text before it is` : where);
    onRemark(`${where}: it is read as ${FALLBACK}; --charset names another`);
    return transcode(invalid.rest, FALLBACK, newline, invalid.firstLine);
  };
  yield* checkUtf8(all, newline, onInvalid, onLost, refuseNul);
}

/** Returns whether text is probably UTF-16 or UTF-32. */
export function isWide(head: Uint8Array): boolean {
  const charset = markedCharset(head) ?? wideCharset(head);
  return charset !== undefined && charset !== 'utf-8';
}

/** Returns the charset that a byte order mark names. */
function markedCharset([a, b, c, d]: Uint8Array): string | undefined {
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'utf-32le' : 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  return a === 0 && b === 0 && c === 0xfe && d === 0xff ? 'utf-32be' : undefined;
}

/** Detects UTF-16 without a byte order mark: in text that is mostly ASCII, every other byte is 0. */
function wideCharset(head: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const bytes = head.subarray(0, 1024);
  const zeros = [0, 0];
  bytes.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2]!++;
  });
  const many = Math.max(1, 0.15 * bytes.length);
  if (zeros[1]! >= many && zeros[0] === 0) return 'utf-16le';
  return zeros[0]! >= many && zeros[1] === 0 ? 'utf-16be' : undefined;
}

/** Returns a charset by the name of its decoder. @throws LapidaryError `unsupported_charset` */
export async function knownCharset(name: string): Promise<string> {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (UTF_8.has(plain)) return 'utf-8';
  if (LATIN_1.has(plain)) return FALLBACK;
  const { default: iconv } = await import('iconv-lite');
  if (plain !== '' && !NO_CHARSET.has(plain) && iconv.encodingExists(plain)) return name;
  const examples = 'known ones include utf-8, utf-16, windows-1252, macintosh, shift_jis and gbk';
  const detail = `charset "${name.slice(0, 100)}" is unknown; ${examples}`;
  throw new LapidaryError('unsupported_charset', detail);
}

/** Decodes chunks to UTF-8. @param firstLine number of the first line @throws LapidaryError `unsupported_charset` */
async function* transcode(
  chunks: AsyncIterable<Uint8Array>,
  charset: string,
  newline: number,
  firstLine = 1,
): AsyncGenerator<Uint8Array> {
  const { default: iconv } = await import('iconv-lite');
  const decoder = iconv.getDecoder(charset);
  let line = firstLine;
  let half = '';
  const encode = (text: string): Uint8Array => {
    const at = text.search(/[\0\ufffd]/);
    const bytes = Buffer.from(at < 0 ? text : text.slice(0, at));
    line += countLines(bytes, newline);
    if (at < 0) return bytes;
    if (text[at] === '\0') refuseNul(bytes, line);
    throw refusal(`line ${line}: the text after ${quoted(bytes)} is not ${charset}`);
  };
  for await (const chunk of chunks) {
    const text = half + decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    // Half of a surrogate pair is kept until the other is read.
    const end = /[\ud800-\udbff]$/.test(text) ? text.length - 1 : text.length;
    half = text.slice(end);
    if (end > 0) yield encode(text.slice(0, end));
  }
  const rest = half + (decoder.end() ?? '');
  // This turns a lone half into U+FFFD.
  if (rest !== '') yield encode(Buffer.from(rest).toString());
}

/** Refuses a byte 0. @throws LapidaryError `invalid_dataset` */
function refuseNul(before: Uint8Array, line: number): never {
  const detail = `line ${line}: byte 0 after ${quoted(before)}: the file is damaged, or not text in this charset`;
  throw new LapidaryError('invalid_dataset', detail);
}

function describeByte({ before, byte }: InvalidText): string {
  return `byte 0x${byte.toString(16).toUpperCase()} after ${quoted(before)}`;
}

/** Quotes the last characters of a text's last line. */
function quoted(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(-4 * SHOWN)).toString();
  return JSON.stringify(
    text
      .split(/[\r\n]/)
      .at(-1)!
      .slice(-SHOWN),
  );
}

function refusal(what: string): LapidaryError {
  return new LapidaryError('unsupported_charset', `${what}; ${REMEDY}`);
}
