import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LapidaryError } from '../core/errors.js';

/** Formats of rows: CSV with a header, or a JSON object per line. */
export type BatchFormat = 'csv' | 'ndjson';

const FORMATS: Readonly<Record<string, BatchFormat>> = {
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
};

/** Content types of a batch. */
export const BATCH_TYPES = Object.keys(FORMATS);

/** Leaves bodies of any type unread, for routes that stream them. */
export function streamBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  drainBodies(app);
}

/**
 * Discards the unread rest of a body after the response: the next request on the connection waits for it,
 * and Node discards only bodies of which nothing was read.
 */
export function drainBodies(app: FastifyInstance): void {
  app.addHook('onResponse', ({ raw }, _reply, done) => {
    if (!raw.readableEnded && !raw.destroyed) {
      // An interrupted reader may still hold the stream: it flows while it has a listener.
      raw.removeAllListeners('readable');
      raw.on('data', () => {});
      raw.resume();
    }
    done();
  });
}

/** Returns the format of a body. @throws LapidaryError `unsupported_media_type` */
export function formatOf(request: FastifyRequest): BatchFormat {
  const [given = ''] = (request.headers['content-type'] ?? 'none').split(';', 1);
  const type = given.trim().toLowerCase();
  const format = Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;
  if (format) return format;
  const detail = `a batch must be sent as ${BATCH_TYPES.join(' or ')}; the content type is ${type}`;
  throw new LapidaryError('unsupported_media_type', detail);
}

/**
 * Streams the bytes of a batch or part, decompressed.
 * @throws LapidaryError `upload_interrupted`, `client_closed`, `invalid_gzip`
 */
export function readBody(request: FastifyRequest): AsyncIterable<Uint8Array> {
  return readOctets(request, request.body as Readable | null | undefined);
}

/**
 * Returns the SHA-256 that a part must have, in hexadecimal; undefined when the request has the digest of the compressed
 * part, which is checked while it is received.
 * @throws LapidaryError `invalid_request` when it is missing
 */
export function checksumOf(request: FastifyRequest): string | undefined {
  const { headers } = request;
  const plain = String(headers['x-checksum-sha256'] ?? '').toLowerCase();
  const digest = digestIn(request);
  const isPacked = (headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity';
  if (digest && !isPacked) return digest;
  if (/^[0-9a-f]{64}$/.test(plain)) return plain;
  if (digest) return undefined;
  const detail =
    'the SHA-256 of the part is missing: send Content-Digest: sha-256=:BASE64:, or x-checksum-sha256: HEX';
  throw new LapidaryError('invalid_request', detail);
}

/** Returns the SHA-256 in `Content-Digest`, in hexadecimal. */
export function digestIn({ headers }: FastifyRequest): string | undefined {
  const given = String(headers['content-digest'] ?? '');
  const digest = /(?:^|[,\s])sha-256=:([A-Za-z0-9+/]{43}=):/.exec(given);
  return digest ? Buffer.from(digest[1]!, 'base64').toString('hex') : undefined;
}

/**
 * Streams bytes of a request while the client is connected.
 * @throws LapidaryError `upload_interrupted`, `client_closed`
 */
export async function* readOctets(
  { raw: { socket } }: FastifyRequest,
  stream: Readable | null | undefined,
): AsyncGenerator<Uint8Array> {
  if (!stream) return;
  try {
    // A caller that stops reading must still respond: yield* would destroy the connection.
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      // The client may have sent all of it before it disconnected, and it can decompress to a thousand times its size.
      if (socket.destroyed) throw new LapidaryError('client_closed', 'the client has disconnected');
      yield chunk;
    }
  } catch (error) {
    if (error instanceof LapidaryError) throw error;
    const detail = 'the connection closed before the end of the body: send it again';
    throw new LapidaryError('upload_interrupted', detail, [], { cause: error });
  }
}
