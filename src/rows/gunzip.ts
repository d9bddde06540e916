import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LapidaryError } from '../core/errors.js';

const CHUNK = 1 << 17;

/**
 * Unpacks gzip at the pace of its reader.
 * @throws LapidaryError `invalid_gzip` if it is damaged or incomplete
 */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpacked = createGunzip({ chunkSize: CHUNK });
  // Errors reach the reader of `unpacked`.
  pipeline(Readable.from(chunks, { objectMode: false }), unpacked, () => {});
  try {
    yield* unpacked;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!code.startsWith('Z_')) throw error;
    const what =
      code === 'Z_BUF_ERROR'
        ? 'the gzip data is incomplete'
        : `the gzip data is damaged (${(error as Error).message})`;
    const detail = `${what}: pack or transfer it again`;
    throw new LapidaryError('invalid_gzip', detail, [], { cause: error });
  }
}
