import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { type Database, type Key, open, type RootDatabase } from 'lmdb';
import { uuidv7 } from '../../core/ids.js';
import { createOnce } from '../objects/scratch-file.js';
import { hasCode, makeDirectory, syncDirectory, writeDurably } from './durable.js';
import { DATA, requireSound, unusable } from './lmdb-file.js';

const LOCK = 'lock.mdb';
/** Bytes of LMDB's default reader table, rounded up to pages. */
const LOCK_BYTES = 12_288;
/** Upper bound of the files that LMDB opens. */
const DESCRIPTORS = 8;
/** Upper bound of the bytes of an environment with empty databases. */
const ROOM_BYTES = 2 ** 18;

/**
 * Opens an LMDB environment whose commits are durable before they are visible.
 * @throws LapidaryError `storage_unavailable` naming the damaged file
 */
export async function openEnvironment(directory: string): Promise<RootDatabase> {
  await makeDirectory(directory);
  requireSound(directory);
  // LMDB would create it sparse, and touching a page that a full disk cannot store kills the process.
  const lock = join(directory, LOCK);
  if (!existsSync(lock)) await createOnce(lock, directory, Buffer.alloc(LOCK_BYTES));
  if (!isBegun(directory)) await requireRoom(directory);
  const root = openAt(directory);
  // Makes the names of its files durable.
  await syncDirectory(directory);
  return root;
}

/** Decides whether a non-empty data file exists. */
function isBegun(directory: string): boolean {
  return (statSync(join(directory, DATA), { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** Writes and removes as many bytes as a new environment: LMDB kills the process when its first pages do not fit. */
async function requireRoom(directory: string): Promise<void> {
  const scratch = join(directory, `.${uuidv7()}`);
  try {
    await writeDurably(scratch, Buffer.alloc(ROOM_BYTES));
  } finally {
    await rm(scratch, { force: true });
  }
}

/**
 * Runs a transaction; its result is durable.
 * @throws Error with a code such as ENOSPC; nothing was changed then
 */
export async function transact<Value>(root: RootDatabase, change: () => Value): Promise<Value> {
  try {
    return await (root.transaction(change) as Promise<Value>);
  } catch (error) {
    const { commitError } = error as { commitError?: Promise<never> };
    // Also rejects, and an unhandled rejection would end the process.
    throw systemError(commitError ? await commitError.catch((cause: unknown) => cause) : error);
  }
}

/** A store in an LMDB environment that several processes share. */
export class LmdbStore {
  constructor(protected readonly root: RootDatabase) {}

  close(): Promise<void> {
    return this.root.close();
  }

  protected openDB<Value, Name extends Key>(name: string): Database<Value, Name> {
    return this.root.openDB(name, { encoding: 'json' });
  }

  /** Runs a transaction; its result is durable. */
  protected change<Value>(change: () => Value): Promise<Value> {
    return transact(this.root, change);
  }

  /** Renews the snapshot: LMDB keeps one for a turn, without the latest commits of other processes. */
  protected renew(): void {
    this.root.resetReadTxn();
  }
}

function openAt(directory: string): RootDatabase {
  requireDescriptors(directory);
  try {
    return open({
      path: directory,
      noSubdir: false,
      maxDbs: 16,
      // By default the promise resolves before the flush: acknowledged data could be lost.
      overlappingSync: false,
      // By default the start of a batch has its own promise, whose rejection cannot be handled.
      eventTurnBatching: false,
    });
  } catch (error) {
    const cause = systemError(error);
    // Temporary: ends when space is free again.
    if (hasCode(cause, 'ENOSPC', 'EDQUOT')) throw cause;
    throw unusable(join(directory, DATA), (error as Error).message, cause);
  }
}

/** Checks that enough files can be opened: LMDB kills the process otherwise. @throws Error EMFILE, ENFILE */
function requireDescriptors(directory: string): void {
  const opened: number[] = [];
  try {
    while (opened.length < DESCRIPTORS) opened.push(openSync(directory, 'r'));
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** Adds the code of the system error to an error of LMDB. */
function systemError(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message: string };
  if (typeof code !== 'number' || code <= 0) return error;
  return Object.assign(new Error(message, { cause: error }), { code: getSystemErrorName(-code) });
}
