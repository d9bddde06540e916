import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/** Models the contents of a directory after a power loss: only flushed data. */
export interface PowerLoss {
  /** Lists paths below the directory that would be missing or incomplete. */
  lost(): string[];
  end(): void;
}

/**
 * Records the flushes of this process. A file survives with the content at its last flush, under a name that its
 * directory had at its last flush.
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
