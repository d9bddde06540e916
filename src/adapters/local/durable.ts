import { link, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { uuidv7 } from '../../core/ids.js';

/** Writes a file and flushes it to the disk. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Flushes a directory: a new name in it lasts only after this. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * Creates a file, whole or not at all, unless its name is taken; of several that try at once one succeeds.
 * @returns whether it was created
 */
export async function createOnce(path: string, bytes: Uint8Array): Promise<boolean> {
  const directory = dirname(path);
  const scratch = join(directory, `.${uuidv7()}`);
  try {
    await writeDurably(scratch, bytes);
    // Unlike a rename, a link never replaces what has the name.
    await link(scratch, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(scratch, { force: true });
  }
  await syncDirectory(directory);
  return true;
}

/** What is not there is undefined; any other failure stays one. */
export async function orUndefined<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}
