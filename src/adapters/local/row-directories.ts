import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const PREFIX = 'lapidary-training-';
const NAME = /^lapidary-training-(\d+)-/;

/** Directories of this process: an earlier process may have had the same id, as in a restarted container. */
const own = new Set<string>();

/**
 * Directories for the encoded rows of a training, named after the process. Those of killed processes are removed
 * before the first one is created.
 */
export class RowDirectories {
  private swept: Promise<void> | undefined;

  constructor(private readonly parent: string = tmpdir()) {}

  /** Returns a new path for rows. */
  async newPath(): Promise<string> {
    this.swept ??= this.sweep();
    await this.swept;
    const directory = await mkdtemp(join(this.parent, `${PREFIX}${process.pid}-`));
    own.add(directory);
    return join(directory, 'rows');
  }

  /** @param path of {@link newPath} */
  async remove(path: string): Promise<void> {
    await rm(dirname(path), { recursive: true });
    own.delete(dirname(path));
  }

  /** Ignores directories that cannot be removed, such as those of another user. */
  private async sweep(): Promise<void> {
    const names = await readdir(this.parent).catch((): string[] => []);
    for (const name of names) {
      const directory = join(this.parent, name);
      const pid = Number(NAME.exec(name)?.[1]);
      if (Number.isNaN(pid) || own.has(directory) || isAnother(pid)) continue;
      await rm(directory, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

/** Decides whether another process exists. */
function isAnother(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    // Signal 0 only checks.
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
