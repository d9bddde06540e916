import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'lapidary-lint-'));
beforeAll(() => {
  for (const name of ['biome.json', '.gitignore']) cpSync(join(ROOT, name), join(directory, name));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Whether `npm run lint` takes a file that is not formatted as sources are. */
function isTaken(path: string): boolean {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), path.endsWith('.json') ? '{"a" :1}' : 'export const  a=1');
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  const options = ['check', '--error-on-warnings', '--no-errors-on-unmatched', path];
  return spawnSync(process.execPath, [biome, ...options], { cwd: directory }).status === 0;
}

it.each([
  'model/penguins/spec.json',
  'model/penguins/source.json',
  'model/penguins/versions/0123456789abcdef/version.json',
  'out.json',
])('what the product writes is not for the linter: %s', (path) => {
  expect(isTaken(path)).toBe(true);
});

it.each(['package.json', 'src/a.ts', 'infra/smoke.json'])('a source is: %s', (path) => {
  expect(isTaken(path)).toBe(false);
});
