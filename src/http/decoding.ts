import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { digestIn, readOctets } from '../api/body.js';
import { charsetOf } from '../api/content-type.js';
import { LapidaryError } from '../core/errors.js';
import type { NotFound } from './errors.js';

/** Content codings that every route accepts. */
const CODINGS = 'gzip, identity';

const JSON_TYPE = /^\s*application\/json\b/i;
const UTF_8 = /^(utf-?8|us-ascii)$/i;

/** A body with the bytes received so far, which Fastify compares with `Content-Length`. */
type Counted = Readable & { receivedEncodedLength?: number };

/**
 * Decompresses bodies with `Content-Encoding: gzip`, and decodes JSON in a charset other than UTF-8. Size limits apply to
 * the decoded body. The body of a request without a route is ignored.
 */
export function decodeBodies(app: FastifyInstance, notFound: NotFound): void {
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (request.is404) return done(notFound(request, reply));
    const { 'content-encoding': given, 'content-type': type } = request.headers;
    if (given === undefined) return done(null, decodeCharset(payload, type));
    const coding = given.trim().toLowerCase();
    if (coding === '' || coding === 'identity' || !hasBody(request))
      return done(null, decodeCharset(payload, type));
    if (coding === 'gzip' || coding === 'x-gzip')
      return done(null, decodeCharset(unpacked(request, reply), type));
    reply.header('accept-encoding', CODINGS);
    const detail = `the content coding of the body is ${coding}; the server accepts ${CODINGS}`;
    done(new LapidaryError('unsupported_media_type', detail));
  });
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0;
}

function unpacked(request: FastifyRequest, reply: FastifyReply): Readable {
  const stream: Counted = Readable.from(bytes(), { objectMode: false });
  // After the answer, or once the client has disconnected, the rest is not needed.
  reply.raw.once('close', () => stream.destroy());
  return stream;

  async function* bytes(): AsyncGenerator<Uint8Array> {
    const { gunzip } = await import('../rows/gunzip.js');
    yield* gunzip(counted());
  }

  async function* counted(): AsyncGenerator<Uint8Array> {
    const digest = digestIn(request);
    const hash = digest === undefined ? undefined : createHash('sha256');
    let bytes = 0;
    for await (const chunk of readOctets(request, request.raw)) {
      bytes += chunk.length;
      stream.receivedEncodedLength = bytes;
      hash?.update(chunk);
      yield chunk;
    }
    // `Content-Digest` covers the bytes as they were sent.
    const actual = hash?.digest('hex');
    if (actual === digest) return;
    const detail = `the SHA-256 of the ${bytes} bytes received is ${actual}, not ${digest}`;
    throw new LapidaryError('checksum_mismatch', detail);
  }
}

/** Decodes a JSON body whose content type names a charset other than UTF-8; returns any other body as it is. */
function decodeCharset(payload: Counted, type: string | undefined): Counted {
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
