import {
  access,
  type FileHandle,
  link,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { uuidv7 } from '../../core/ids.js';
import { hasCode, makeDirectory, orUndefined, syncDirectory } from '../local/durable.js';
import type { ObjectWriter } from './objects.js';

/** A dot and a UUID: files of users in the directories of models have other names. */
const SCRATCH = /^\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TRIES = 20;

/** Decides whether a name is of a file or directory that is being written or removed, or was when a process crashed. */
export function isScratch(name: string): boolean {
  return SCRATCH.test(name);
}

/** Writes a file under a scratch name until it is complete and durable. */
export class ScratchFile implements ObjectWriter {
  private readonly scratch: string;
  private opening: Promise<FileHandle> | undefined;

  /** @param top the directory above it that remains when empty */
  constructor(
    private readonly path: string,
    private readonly top: string,
  ) {
    this.scratch = join(dirname(path), `.${uuidv7()}`);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.opening ??= this.open();
    await (await this.opening).writeFile(bytes);
  }

  async end(): Promise<void> {
    await this.flush();
    await rename(this.scratch, this.path);
    this.opening = undefined;
    await orUndefined(syncDirectory(dirname(this.path)));
  }

  /** Gives the file its name unless it is taken. @returns whether it was free */
  async endOnce(): Promise<boolean> {
    await this.flush();
    try {
      // Unlike a rename, a link never replaces a file.
      await link(this.scratch, this.path);
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    } finally {
      await rm(this.scratch, { force: true });
      this.opening = undefined;
      // Also when the name was taken: that file must be durable before the caller relies on it.
      await orUndefined(syncDirectory(dirname(this.path)));
    }
  }

  async abort(): Promise<void> {
    if (!this.opening) return;
    const file = await this.opening.catch(() => undefined);
    this.opening = undefined;
    await file?.close();
    await rm(this.scratch, { force: true });
    await removeEmpty(dirname(this.path), this.top);
  }

  private async open(): Promise<FileHandle> {
    for (let tries = 1; ; tries++) {
      try {
        await makeDirectory(dirname(this.path));
        return await open(this.scratch, 'wx');
      } catch (error) {
        // Another process removed an empty directory.
        if (!hasCode(error, 'ENOENT', 'ENOTDIR') || tries === TRIES) throw error;
      }
    }
  }

  private async flush(): Promise<void> {
    this.opening ??= this.open();
    const file = await this.opening;
    await file.sync();
    await file.close();
  }
}

/**
 * Creates a file, whole or not at all, unless its name exists; one of several concurrent calls succeeds.
 * @param top the directory above it that remains when empty
 * @returns whether it was created
 */
export async function createOnce(path: string, top: string, bytes: Uint8Array): Promise<boolean> {
  if (await orUndefined(access(path).then(() => true))) {
    // The file must be durable before the caller relies on it.
    await orUndefined(syncDirectory(dirname(path)));
    return false;
  }
  const file = new ScratchFile(path, top);
  try {
    await file.write(bytes);
    return await file.endOnce();
  } finally {
    await file.abort();
  }
}

/** Removes a directory and those above it while they are empty. @returns the first that is not */
export async function removeEmpty(directory: string, top: string): Promise<string> {
  let at = directory;
  for (; at !== top; at = dirname(at)) {
    try {
      await rmdir(at);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) return at;
    }
  }
  return at;
}

/** Removes a file or directory unless it, or a file in it, was written since a moment. @returns whether it is removed */
export async function removeOld(path: string, before: Date): Promise<boolean> {
  const inside = (await orUndefined(readdir(path))) ?? [];
  const times = await Promise.all(
    [path, ...inside.map((name) => join(path, name))].map(
      async (file) => (await orUndefined(stat(file)))?.mtimeMs ?? 0,
    ),
  );
  const isOld = Math.max(...times) < before.getTime();
  if (isOld) await rm(path, { recursive: true, force: true });
  return isOld;
}
