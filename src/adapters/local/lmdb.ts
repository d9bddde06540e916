import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { open, type RootDatabase } from 'lmdb';
import { uuidv7 } from '../../core/ids.js';
import { createOnce, hasCode, makeDirectory, syncDirectory, writeDurably } from './durable.js';
import { DATA, requireSound, unusable } from './lmdb-file.js';

const LOCK = 'lock.mdb';
/** Readers that LMDB has room for by default take as much, rounded up to pages. */
const LOCK_BYTES = 12_288;
/** More than LMDB opens. */
const DESCRIPTORS = 8;
/** An environment with its databases, and nothing in them, takes less. */
const ROOM_BYTES = 2 ** 18;

/**
 * Opens an LMDB environment whose commits are on the disk before anybody sees them.
 * @throws LapidaryError `storage_unavailable` naming the file that cannot be used
 */
export async function openEnvironment(directory: string): Promise<RootDatabase> {
  await makeDirectory(directory);
  requireSound(directory);
  // LMDB would make it without its bytes, and to touch one that a full disk has no room for ends the process.
  const lock = join(directory, LOCK);
  if (!existsSync(lock)) await createOnce(lock, Buffer.alloc(LOCK_BYTES));
  if (!isBegun(directory)) await requireRoom(directory);
  const root = openAt(directory);
  // The names of its files last, too.
  await syncDirectory(directory);
  return root;
}

/** Whether there is a data file with something in it. */
function isBegun(directory: string): boolean {
  return (statSync(join(directory, DATA), { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** Writes and removes what a new environment takes: LMDB ends the process when it finds no room for its first pages. */
async function requireRoom(directory: string): Promise<void> {
  const scratch = join(directory, `.${uuidv7()}`);
  try {
    await writeDurably(scratch, Buffer.alloc(ROOM_BYTES));
  } finally {
    await rm(scratch, { force: true });
  }
}

/**
 * Changes an environment in a transaction. What it answers was committed, and flushed to the disk.
 * @throws Error with a code such as ENOSPC when it could not be: then nothing was changed
 */
export async function transact<Value>(root: RootDatabase, change: () => Value): Promise<Value> {
  try {
    return await (root.transaction(change) as Promise<Value>);
  } catch (error) {
    const { commitError } = error as { commitError?: Promise<never> };
    // It rejects too, and a rejection that nothing handles ends the process.
    throw systemError(commitError ? await commitError.catch((cause: unknown) => cause) : error);
  }
}

function openAt(directory: string): RootDatabase {
  requireDescriptors(directory);
  try {
    return open({
      path: directory,
      noSubdir: false,
      maxDbs: 16,
      // By default a commit would be flushed after its promise has resolved: what was acknowledged could be lost.
      overlappingSync: false,
      // By default the beginning of a batch has a promise of its own, which rejects where nothing can handle it.
      eventTurnBatching: false,
    });
  } catch (error) {
    const cause = systemError(error);
    // That is over when there is space again.
    if (hasCode(cause, 'ENOSPC', 'EDQUOT')) throw cause;
    throw unusable(join(directory, DATA), (error as Error).message, cause);
  }
}

/** LMDB ends the process when it gets some of the files that it opens, and not all. @throws Error EMFILE, ENFILE */
function requireDescriptors(directory: string): void {
  const opened: number[] = [];
  try {
    while (opened.length < DESCRIPTORS) opened.push(openSync(directory, 'r'));
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** LMDB's errors have the number of the system's, where it is one. */
function systemError(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message: string };
  if (typeof code !== 'number' || code <= 0) return error;
  return Object.assign(new Error(message, { cause: error }), { code: getSystemErrorName(-code) });
}
