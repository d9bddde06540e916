import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/** What a directory would have after the power failed: what was flushed, and nothing else. */
export interface PowerLoss {
  /** Names, below the directory, of what is there and would not be, or not be whole. */
  lost(): string[];
  end(): void;
}

/**
 * Watches what this process flushes. A file lasts with the content that it had when it was flushed, under a name that
 * its directory had when that was flushed.
 */
export async function watchFlushes(root: string): Promise<PowerLoss> {
  const handle = await open(root, 'r');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const { sync } = prototype;
  const contents = new Map<number, string>();
  const names = new Map<number, Set<string>>();
  const inode = (path: string) => statSync(path).ino;
  prototype.sync = async function (this: FileHandle) {
    await sync.call(this);
    const path = readlinkSync(`/proc/self/fd/${this.fd}`);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory())
      names.set(
        found.ino,
        new Set(readdirSync(path).map((name) => `${name}:${inode(join(path, name))}`)),
      );
    else if (found) contents.set(found.ino, readFileSync(path, 'latin1'));
  };
  const lost = (directory: string): string[] =>
    readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
      const path = join(directory, entry.name);
      const isNamed = names.get(inode(directory))?.has(`${entry.name}:${inode(path)}`);
      if (!isNamed) return [path];
      if (entry.isDirectory()) return lost(path);
      return contents.get(inode(path)) === readFileSync(path, 'latin1') ? [] : [path];
    });
  return {
    lost: () => lost(root).map((path) => path.slice(root.length + 1)),
    end() {
      prototype.sync = sync;
    },
  };
}
