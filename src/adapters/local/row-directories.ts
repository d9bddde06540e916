import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const PREFIX = 'lapidary-training-';
const NAME = /^lapidary-training-(\d+)-/;

/** Those of this process; one before it may have had its id, as in a container that was started again. */
const own = new Set<string>();

/**
 * Where encoded rows lie while a model is trained on them: each file in a directory of its own, which is named
 * by the process that has it. What killed processes left goes before the first of this one.
 */
export class RowDirectories {
  private swept: Promise<void> | undefined;

  constructor(private readonly parent: string = tmpdir()) {}

  /** Where rows can be written. */
  async newPath(): Promise<string> {
    this.swept ??= this.sweep();
    await this.swept;
    const directory = await mkdtemp(join(this.parent, `${PREFIX}${process.pid}-`));
    own.add(directory);
    return join(directory, 'rows');
  }

  /** @param path as {@link newPath} has made it */
  async remove(path: string): Promise<void> {
    await rm(dirname(path), { recursive: true });
    own.delete(dirname(path));
  }

  /** What cannot be removed, such as that of another user, is left: nothing fails for it. */
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

/** Whether a process is there, other than this one. */
function isAnother(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    // It sends nothing.
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
