import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LapidaryError } from '../core/errors.js';

const CHUNK = 1 << 17;

/**
 * Unpacks gzip, no faster than what comes of it is taken.
 * @throws LapidaryError `invalid_request` when it is no gzip, or not all of it
 */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpacked = createGunzip({ chunkSize: CHUNK });
  // What fails is thrown to whoever reads.
  pipeline(Readable.from(chunks, { objectMode: false }), unpacked, () => {});
  try {
    yield* unpacked;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!code.startsWith('Z_')) throw error;
    const detail = `it cannot be unpacked: ${(error as Error).message}`;
    throw new LapidaryError('invalid_request', detail, [], { cause: error });
  }
}
