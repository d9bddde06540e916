import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LapidaryError } from '../core/errors.js';
import { gunzip } from './batches/unpack.js';
import type { BatchFormat } from './port.js';

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
 * A batch as it comes, unpacked.
 * @throws LapidaryError `unsupported_media_type`, `upload_interrupted`, `invalid_request` when it cannot be unpacked
 */
export function readBatch(request: FastifyRequest): AsyncIterable<Uint8Array> {
  const encoding = encodingOf(request);
  if (encoding === 'identity') return readOctets(request);
  if (encoding === 'gzip') return gunzip(readOctets(request));
  throw unknownEncoding(encoding, 'gzip');
}

/** @throws LapidaryError `unsupported_media_type`, `upload_interrupted` */
export function readPart(request: FastifyRequest): AsyncIterable<Uint8Array> {
  const encoding = encodingOf(request);
  if (encoding === 'identity') return readOctets(request);
  throw unknownEncoding(encoding, 'identity');
}

/**
 * The SHA-256 that a part has to have, in hexadecimal.
 * @throws LapidaryError `invalid_request` when it is not told
 */
export function checksumOf({ headers }: FastifyRequest): string {
  const digest = /(?:^|[,\s])sha-256=:([A-Za-z0-9+/]{43}=):/.exec(
    String(headers['content-digest'] ?? ''),
  );
  if (digest) return Buffer.from(digest[1]!, 'base64').toString('hex');
  const plain = String(headers['x-checksum-sha256'] ?? '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(plain)) return plain;
  const detail =
    'a part needs its SHA-256: Content-Digest: sha-256=:BASE64:, or x-checksum-sha256: HEX';
  throw new LapidaryError('invalid_request', detail);
}

function encodingOf({ headers }: FastifyRequest): string {
  return headers['content-encoding']?.toLowerCase() || 'identity';
}

function unknownEncoding(encoding: string, taken: string): LapidaryError {
  const detail = `the body's content encoding is ${encoding}; what is taken is ${taken}`;
  return new LapidaryError('unsupported_media_type', detail);
}

async function* readOctets({ body }: FastifyRequest): AsyncGenerator<Uint8Array> {
  if (body === undefined || body === null) return;
  try {
    // Who breaks off, or throws, still has to answer, so the connection stays: yield* would hand on what is thrown.
    for await (const chunk of (body as Readable).iterator({ destroyOnReturn: false })) yield chunk;
  } catch (error) {
    if (error instanceof LapidaryError) throw error;
    const detail = 'the connection ended before the body did: send it again';
    throw new LapidaryError('upload_interrupted', detail, [], { cause: error });
  }
}
