import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { RowDirectories } from '../../src/adapters/local/row-directories.js';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'lapidary-rows-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

/** What a process left. */
function leave(name: string): string {
  const path = join(parent, name, 'rows');
  mkdirSync(dirname(path));
  writeFileSync(path, 'rows');
  return path;
}

it('are removed when their process is gone, and only then', async () => {
  const dead = spawnSync(process.execPath, ['--version']).pid;
  const gone = [
    leave(`lapidary-training-${dead}-a1B2c3`),
    leave(`lapidary-training-${dead}-d4E5f6`),
    leave(`lapidary-training-${process.pid}-a1B2c3`),
  ];
  const others = [
    leave(`lapidary-training-${process.ppid}-a1B2c3`),
    leave('lapidary-training-a1B2c3'),
    leave(`lapidary-crash-${dead}-a1B2c3`),
  ];
  const directories = new RowDirectories(parent);
  const paths = await Promise.all([directories.newPath(), directories.newPath()]);
  expect(gone.filter(existsSync)).toEqual([]);
  expect(others.filter(existsSync)).toEqual(others);

  const another = await new RowDirectories(parent).newPath();
  const made = [...paths, another].map(dirname);
  expect(new Set(made).size).toBe(3);
  expect(made.filter(existsSync)).toEqual(made);
  await directories.remove(paths[0]!);
  expect(made.filter(existsSync)).toEqual(made.slice(1));
});

it('are made where there is nothing to sweep, and fail where nothing can be made', async () => {
  const none = new RowDirectories(join(parent, 'none'));
  await expect(none.newPath()).rejects.toMatchObject({ code: 'ENOENT' });
});
