import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LapidaryError } from '../core/errors.js';

/** How rows are written: CSV with a header, or a JSON object a line. */
export type BatchFormat = 'csv' | 'ndjson';

const FORMATS: Readonly<Record<string, BatchFormat>> = {
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
};

/** Content types of a batch. */
export const BATCH_TYPES = Object.keys(FORMATS);

/** Leaves bodies unread, of whatever type: routes read them as they come. */
export function streamBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  drainBodies(app);
}

/**
 * Has what nobody read of a body go once it is answered: the next request of the connection waits behind it,
 * and Node lets go only of bodies that were not begun.
 */
export function drainBodies(app: FastifyInstance): void {
  app.addHook('onResponse', ({ raw }, _reply, done) => {
    if (!raw.readableEnded && !raw.destroyed) {
      // Whoever broke off may still hold it, or let go of it only later: it flows as long as somebody listens.
      raw.removeAllListeners('readable');
      raw.on('data', () => {});
      raw.resume();
    }
    done();
  });
}

/** @throws LapidaryError `unsupported_media_type` */
export function formatOf(request: FastifyRequest): BatchFormat {
  const [given = ''] = (request.headers['content-type'] ?? 'none').split(';', 1);
  const type = given.trim().toLowerCase();
  const format = Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;
  if (format) return format;
  const detail = `a batch must be sent as ${BATCH_TYPES.join(' or ')}; the content type is ${type}`;
  throw new LapidaryError('unsupported_media_type', detail);
}

/**
 * The bytes of a batch or a part as they come, unpacked where they were packed.
 * @throws LapidaryError `upload_interrupted`, `client_closed`, `invalid_request` when they cannot be unpacked
 */
export function readBody(request: FastifyRequest): AsyncIterable<Uint8Array> {
  return readOctets(request, request.body as Readable | null | undefined);
}

/**
 * The SHA-256 that a part has to have as it is kept, in hexadecimal; undefined when that of the packed part is given,
 * which was compared while it came.
 * @throws LapidaryError `invalid_request` when there is none
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
    'a part needs its SHA-256: Content-Digest: sha-256=:BASE64:, or x-checksum-sha256: HEX';
  throw new LapidaryError('invalid_request', detail);
}

/** The SHA-256 in `Content-Digest`, in hexadecimal. */
export function digestIn({ headers }: FastifyRequest): string | undefined {
  const given = String(headers['content-digest'] ?? '');
  const digest = /(?:^|[,\s])sha-256=:([A-Za-z0-9+/]{43}=):/.exec(given);
  return digest ? Buffer.from(digest[1]!, 'base64').toString('hex') : undefined;
}

/**
 * The bytes of a stream of a request, for as long as the client is there.
 * @throws LapidaryError `upload_interrupted`, `client_closed`
 */
export async function* readOctets(
  { raw: { socket } }: FastifyRequest,
  stream: Readable | null | undefined,
): AsyncGenerator<Uint8Array> {
  if (!stream) return;
  try {
    // Who breaks off, or throws, still has to answer, so the connection stays: yield* would hand on what is thrown.
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      // All of it may have come before the client hung up, and unpack to a thousand times as much.
      if (socket.destroyed) throw new LapidaryError('client_closed', 'the client has hung up');
      yield chunk;
    }
  } catch (error) {
    if (error instanceof LapidaryError) throw error;
    const detail = 'the connection ended before the body did: send it again';
    throw new LapidaryError('upload_interrupted', detail, [], { cause: error });
  }
}
