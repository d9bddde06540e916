import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small disk that a test can fill. */
export interface SmallDisk {
  path: string;
  /** Fills the disk. */
  fill(): void;
  /** Frees the space of {@link fill}. */
  free(): void;
  remove(): void;
}

const BLOCK = Buffer.alloc(1 << 16);

/** Mounts a disk in memory. @returns undefined, with a notice, if that needs an administrator */
export function mountSmallDisk(megabytes: number): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), 'lapidary-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], {
      stdio: 'pipe',
    });
  } catch (error) {
    rmSync(path, { recursive: true });
    // CI runs as root, so a skipped test fails there.
    if (process.env.CI && process.getuid?.() === 0) throw error;
    process.stderr.write(
      `skipped: a full disk cannot be tried here: ${(error as Error).message}\n`,
    );
    return undefined;
  }
  const ballast = join(path, 'ballast');
  return {
    path,
    fill: () => fill(ballast),
    free: () => rmSync(ballast),
    remove() {
      execFileSync('umount', ['--lazy', path]);
      rmSync(path, { recursive: true });
    },
  };
}

function fill(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (let size = BLOCK.length; size >= 1; ) {
      try {
        writeSync(file, BLOCK, 0, size);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}
