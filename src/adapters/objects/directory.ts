import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { hasCode, orUndefined, syncDirectory } from '../local/durable.js';
import { MissingObject, Objects, type StoredObject } from './objects.js';
import { createOnce, isScratch, removeEmpty, removeOld, ScratchFile } from './scratch-file.js';

const PIECE_BYTES = 1 << 18;

/**
 * Stores objects as files: the parts of a key are directories, which exist while they contain something. A file is written
 * under a scratch name in the same directory, flushed, and renamed or linked.
 */
export class Directory extends Objects {
  /** @param elsewhere directories of keys by their first part */
  constructor(
    private readonly root: string,
    private readonly elsewhere: Readonly<Record<string, string>> = {},
  ) {
    super();
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    return orUndefined(readFile(this.place(key).path));
  }

  async *stream(key: string): AsyncGenerator<Uint8Array> {
    try {
      yield* createReadStream(this.place(key).path, { highWaterMark: PIECE_BYTES });
    } catch (error) {
      throw hasCode(error, 'ENOENT', 'ENOTDIR')
        ? new MissingObject(`missing object ${key}`)
        : error;
    }
  }

  async createOnce(key: string, bytes: Uint8Array): Promise<boolean> {
    const { path, top } = this.place(key);
    return createOnce(path, top, bytes);
  }

  async replace(key: string, bytes: Uint8Array): Promise<void> {
    const file = this.write(key);
    try {
      await file.write(bytes);
      await file.end();
    } finally {
      await file.abort();
    }
  }

  write(key: string): ScratchFile {
    const { path, top } = this.place(key);
    return new ScratchFile(path, top);
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    const end = prefix.lastIndexOf('/') + 1;
    const start = prefix.slice(end);
    for (const entry of await entriesIn(this.place(prefix.slice(0, end)).path)) {
      if (!entry.name.startsWith(start) || isScratch(entry.name)) continue;
      const key = prefix.slice(0, end) + entry.name;
      if (entry.isDirectory()) yield* this.list(`${key}/`);
      else {
        // It may have been removed meanwhile.
        const found = await orUndefined(stat(this.place(key).path));
        if (found?.isFile()) yield { key, modified: found.mtime, bytes: found.size };
      }
    }
  }

  async names(prefix: string): Promise<string[]> {
    const names = (await orUndefined(readdir(this.place(prefix).path))) ?? [];
    return names.filter((name) => !isScratch(name));
  }

  async remove(keys: readonly string[]): Promise<void> {
    const emptied = new Map<string, string>();
    for (const key of keys) {
      const { path, top } = this.place(key);
      await rm(path, { force: true });
      emptied.set(dirname(path), top);
    }
    const changed = new Set<string>();
    for (const [directory, top] of emptied) changed.add(await removeEmpty(directory, top));
    for (const directory of changed) await orUndefined(syncDirectory(directory));
  }

  async sweep(prefix: string, before: Date): Promise<boolean> {
    const { path, top } = this.place(prefix);
    let younger = false;
    for (const entry of await entriesIn(path)) {
      if (isScratch(entry.name)) {
        if (!(await removeOld(join(path, entry.name), before))) younger = true;
        await removeEmpty(path, top);
      } else if (entry.isDirectory()) {
        if (await this.sweep(`${prefix}${entry.name}/`, before)) younger = true;
      }
    }
    return younger;
  }

  override pathFrom(directory: string, file: string): string {
    return relative(this.place(directory).path, file);
  }

  /** Returns the path of a key, and the directory above it that remains when empty. */
  private place(key: string): { path: string; top: string } {
    const [first = ''] = key.split('/', 1);
    const top = this.elsewhere[first] ?? join(this.root, first);
    return { path: join(top, key.slice(first.length)), top };
  }
}

async function entriesIn(directory: string) {
  const entries = (await orUndefined(readdir(directory, { withFileTypes: true }))) ?? [];
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
