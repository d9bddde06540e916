import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BLOCK_BYTES } from '../../core/room.js';
import { orUndefined } from './durable.js';

const AT_ONCE = 64;

/** Returns the bytes of all files below a directory, in whole blocks. */
export async function bytesIn(directory: string): Promise<number> {
  const entries = await orUndefined(readdir(directory, { recursive: true, withFileTypes: true }));
  const files = (entries ?? []).filter((entry) => entry.isFile());
  let bytes = 0;
  for (let first = 0; first < files.length; first += AT_ONCE) {
    const sizes = files.slice(first, first + AT_ONCE).map(async ({ parentPath, path, name }) => {
      // May have been removed meanwhile.
      const found = await orUndefined(stat(join(parentPath ?? path, name)));
      return Math.ceil((found?.size ?? 0) / BLOCK_BYTES) * BLOCK_BYTES;
    });
    for (const size of await Promise.all(sizes)) bytes += size;
  }
  return bytes;
}
