import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

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

/** Decides whether an error has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Returns undefined for a missing file; other errors are thrown. */
export async function orUndefined<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}
