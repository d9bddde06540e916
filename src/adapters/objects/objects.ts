import { BLOCK_BYTES } from '../../core/room.js';

/** An object does not exist. */
export class MissingObject extends Error {}

export interface StoredObject {
  key: string;
  /** Time of the last write. */
  modified: Date;
  bytes: number;
}

/** Objects whose keys begin with the same path. */
export interface KeyDirectory {
  name: string;
  /** Ends with a slash. */
  path: string;
  /** Time of the last write to any of its objects. */
  modified: Date;
}

/** Writes one object piece by piece; it cannot be read before {@link end}. */
export interface ObjectWriter {
  /** The caller may reuse the memory once this resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Creates the object, in place of one of the same key. */
  end(): Promise<void>;
  /** Creates nothing; does nothing after {@link end}. */
  abort(): Promise<void>;
}

const REMOVED_AT_ONCE = 1000;

/** Returns a value as a line of JSON. */
export const jsonLine = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);

/**
 * A durable directory, or a bucket: bytes by key, whose parts are separated by slashes. The stores above rely on this:
 * an object appears whole or not at all, and survives a crash once the call that wrote it resolves; a read or a list
 * returns all that was written before it began; of several concurrent {@link createOnce} of a key one succeeds.
 */
export abstract class Objects {
  /** Returns an object; undefined when it does not exist. */
  abstract read(key: string): Promise<Uint8Array | undefined>;
  /** Returns an object in pieces. @throws MissingObject */
  abstract stream(key: string): AsyncGenerator<Uint8Array>;
  /**
   * Creates an object unless one of its key exists.
   * @param how.free the object completes or removes something, and does not count against a plan
   * @returns whether it was created
   */
  abstract createOnce(key: string, bytes: Uint8Array, how?: { free: boolean }): Promise<boolean>;
  /** Creates an object, in place of one of the same key. */
  abstract replace(key: string, bytes: Uint8Array): Promise<void>;
  /** Writes an object whose length is not known. */
  abstract write(key: string): ObjectWriter;
  /** Lists the objects whose keys begin with a prefix: directory by directory, each in the order of its names. */
  abstract list(prefix: string): AsyncGenerator<StoredObject>;
  /** Returns the next part of all keys that begin with a prefix, which ends with a slash. */
  abstract names(prefix: string): Promise<string[]>;
  /** Removes objects; missing ones are ignored. */
  abstract remove(keys: readonly string[]): Promise<void>;
  /**
   * Removes incomplete files of crashes that are older than a time.
   * @returns whether younger ones are left
   */
  abstract sweep(prefix: string, before: Date): Promise<boolean>;
  /**
   * Returns the relative path from a directory of keys to a file of this machine, where objects are files. Without this
   * method, such a file must be copied.
   */
  pathFrom?(directory: string, file: string): string;

  async readText(key: string): Promise<string | undefined> {
    const bytes = await this.read(key);
    return bytes && Buffer.from(bytes).toString();
  }

  /** Reads JSON; undefined when the object does not exist. */
  async readJson<Value>(key: string): Promise<Value | undefined> {
    const text = await this.readText(key);
    return text === undefined ? undefined : (JSON.parse(text) as Value);
  }

  /** Returns whether an object exists. */
  async has(key: string): Promise<boolean> {
    // Not HEAD, which does not distinguish a missing bucket from a missing object.
    for await (const first of this.list(key)) return first.key === key;
    return false;
  }

  /** Returns whether any key begins with a prefix. */
  async hasAny(prefix: string): Promise<boolean> {
    for await (const _ of this.list(prefix)) return true;
    return false;
  }

  /** Returns when any object whose key begins with a prefix was last written. */
  async lastModified(prefix: string): Promise<Date | undefined> {
    let last: Date | undefined;
    for await (const { modified } of this.list(prefix))
      if (last === undefined || modified > last) last = modified;
    return last;
  }

  /** Removes all objects whose keys begin with a prefix. */
  async removeAll(prefix: string): Promise<void> {
    let keys: string[] = [];
    for await (const { key } of this.list(prefix)) {
      keys.push(key);
      if (keys.length < REMOVED_AT_ONCE) continue;
      await this.remove(keys);
      keys = [];
    }
    await this.remove(keys);
  }

  /** Returns the directories below a prefix, which ends with a slash; all their objects are listed. */
  async directories(prefix: string): Promise<KeyDirectory[]> {
    const directories: KeyDirectory[] = [];
    for await (const { key, modified } of this.list(prefix)) {
      const [name, inside] = key.slice(prefix.length).split('/', 2);
      if (inside === undefined) continue;
      let last = directories.at(-1);
      if (last?.name !== name) {
        last = { name: name!, path: `${prefix}${name}/`, modified };
        directories.push(last);
      }
      if (modified > last!.modified) last!.modified = modified;
    }
    return directories;
  }

  /** Returns the bytes of all objects, each in whole blocks. */
  async bytes(): Promise<number> {
    let total = 0;
    for await (const { bytes } of this.list('')) total += Math.ceil(bytes / BLOCK_BYTES);
    return total * BLOCK_BYTES;
  }
}
