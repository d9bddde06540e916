import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { digestIn, readOctets } from '../api/body.js';
import { LapidaryError } from '../core/errors.js';
import { gunzip } from '../rows/gunzip.js';
import { type Counted, decodeCharset } from './charset.js';
import type { NotFound } from './errors.js';

/** The content codings of a body that are taken on every route. */
export const CODINGS = 'gzip, identity';

/**
 * Unpacks bodies with `Content-Encoding: gzip`, and decodes JSON in another charset than UTF-8. Limits on a body hold for
 * what comes out. The body of a request without a route, whatever it is, does not matter.
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
    const detail = `the body's content coding is ${coding}; the server takes ${CODINGS}`;
    done(new LapidaryError('unsupported_media_type', detail));
  });
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0;
}

function unpacked(request: FastifyRequest, reply: FastifyReply): Readable {
  const stream: Counted = Readable.from(gunzip(counted()), { objectMode: false });
  // Once it is answered, or the client has hung up, the rest is unpacked for nothing.
  reply.raw.once('close', () => stream.destroy());
  return stream;

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
    // `Content-Digest` is that of the bytes as they were sent.
    const actual = hash?.digest('hex');
    if (actual === digest) return;
    const detail = `${bytes} bytes came, of SHA-256 ${actual}, not ${digest}`;
    throw new LapidaryError('checksum_mismatch', detail);
  }
}
