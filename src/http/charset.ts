import { Readable } from 'node:stream';
import { charsetOf } from '../api/content-type.js';

const JSON_TYPE = /^\s*application\/json\b/i;
const UTF_8 = /^(utf-?8|us-ascii)$/i;

/** What Fastify compares with `Content-Length`: the bytes as they came. */
export type Counted = Readable & { receivedEncodedLength?: number };

/** Decodes a JSON body whose content type names another charset than UTF-8; any other stays as it is. */
export function decodeCharset(payload: Counted, type: string | undefined): Counted {
  if (type === undefined || type === 'application/json' || !JSON_TYPE.test(type)) return payload;
  const charset = charsetOf(type);
  return charset === undefined || UTF_8.test(charset) ? payload : decoded(payload, charset);
}

function decoded(payload: Counted, charset: string): Readable {
  const stream: Counted = Readable.from(text(), { objectMode: false });
  return stream;

  async function* text(): AsyncGenerator<Uint8Array> {
    const { readText } = await import('../rows/text/text.js');
    yield* readText(counted(), { format: 'json', charset, unnamed: 'refused' });
  }

  async function* counted(): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const chunk of payload) {
      bytes += (chunk as Uint8Array).length;
      stream.receivedEncodedLength = payload.receivedEncodedLength ?? bytes;
      yield chunk;
    }
  }
}
