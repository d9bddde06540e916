import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
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

/** Node says ENOENT for any directory below one that cannot be written to: the topmost says why. */
async function explainFailure(path: string): Promise<never> {
  try {
    await mkdir(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return explainFailure(dirname(path));
    throw error;
  }
  throw Object.assign(new Error(`${path} could not be made`), { code: 'EIO' });
}

/** Makes a directory and those above it, and flushes the new names. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true }).catch(() => explainFailure(path));
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made))
    await syncDirectory(dirname(made));
}

/** Writes a file in place of another: who reads it finds the one or the other, whole. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const directory = dirname(path);
  const scratch = join(directory, `.${uuidv7()}`);
  try {
    await writeDurably(scratch, bytes);
    await rename(scratch, path);
  } finally {
    await rm(scratch, { force: true });
  }
  await syncDirectory(directory);
}

/** Whether a failure has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
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

/** The bytes of a file, which is opened when they are read: who gets them and reads none leaves nothing open. */
export function bytesOf(path: string): { read(): AsyncIterable<Uint8Array> } {
  return {
    async *read() {
      yield* createReadStream(path);
    },
  };
}

/** Removes a file or directory when neither it nor what is in it was written to since. */
export async function removeOld(path: string, before: Date): Promise<void> {
  const inside = (await orUndefined(readdir(path))) ?? [];
  const times = await Promise.all(
    [path, ...inside.map((name) => join(path, name))].map(
      async (file) => (await orUndefined(stat(file)))?.mtimeMs ?? 0,
    ),
  );
  if (Math.max(...times) < before.getTime()) await rm(path, { recursive: true, force: true });
}
