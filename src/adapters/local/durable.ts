import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { uuidv7 } from '../../core/ids.js';

/** Writes a file durably. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Flushes a directory: its new names are durable after this. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * Creates a directory with its parents durably. Fails with the error of the topmost one that cannot be created. (Node's
 * own recursion hides it, and never ends below /proc.)
 */
export async function makeDirectory(path: string): Promise<void> {
  if (await isDirectory(path)) return;
  await makeDirectory(dirname(path));
  try {
    await mkdir(path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    if (await isDirectory(path)) return;
    const notDirectory = new Error(`ENOTDIR: not a directory: ${path}`, { cause: error });
    throw Object.assign(notDirectory, { code: 'ENOTDIR' });
  }
  await syncDirectory(dirname(path));
}

async function isDirectory(path: string): Promise<boolean> {
  return (await orUndefined(stat(path)))?.isDirectory() === true;
}

/** Replaces a file atomically. */
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

/** Decides whether an error has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

/**
 * Creates a file atomically unless it exists; of concurrent calls one succeeds.
 * @returns whether it was created
 */
export async function createOnce(path: string, bytes: Uint8Array): Promise<boolean> {
  const directory = dirname(path);
  const scratch = join(directory, `.${uuidv7()}`);
  try {
    await writeDurably(scratch, bytes);
    // Unlike a rename, a link never replaces a file.
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

/** Returns undefined for a missing file; other errors are thrown. */
export async function orUndefined<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}

/** Returns the bytes of a file, which is opened when they are read. */
export function bytesOf(path: string): { read(): AsyncIterable<Uint8Array> } {
  return {
    async *read() {
      yield* createReadStream(path);
    },
  };
}

/** Removes a file or directory that was not modified since. */
export async function removeOld(path: string, before: Date): Promise<void> {
  const inside = (await orUndefined(readdir(path))) ?? [];
  const times = await Promise.all(
    [path, ...inside.map((name) => join(path, name))].map(
      async (file) => (await orUndefined(stat(file)))?.mtimeMs ?? 0,
    ),
  );
  if (Math.max(...times) < before.getTime()) await rm(path, { recursive: true, force: true });
}
