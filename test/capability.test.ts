import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { ROWS } from './fixtures/capability/rows.js';
import type * as Floors from './floors.js';
import { refusalsOf } from './support/floors-check.js';
import { readImports } from './support/imports.js';

const CAPABILITY = 'test/fixtures/capability';

let copy: string;
let floors: typeof Floors;
beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'lapidary-capability-'));
  cpSync('src', join(copy, 'src'), { recursive: true });
  cpSync('test/floors.ts', join(copy, 'test/floors.ts'));
  cpSync(join(CAPABILITY, 'notes'), join(copy, 'src/notes'), { recursive: true });
  for (const [file, rows] of Object.entries(ROWS)) addRows(join(copy, file), rows);
  floors = await import(join(copy, 'test/floors.ts'));
});
afterAll(() => rmSync(copy, { recursive: true }));

function addRows(file: string, rows: readonly [string, string][]): void {
  let text = readFileSync(file, 'utf8');
  for (const [behind, row] of rows) {
    const [before, after, ...others] = text.split(behind);
    if (after === undefined || others.length > 0)
      throw new Error(`${JSON.stringify(behind)} is not once in ${file}`);
    text = before + behind + row + after;
  }
  writeFileSync(file, text);
}

// docs/architecture.md says so, too.
it('a capability is a folder, and rows in at most four files outside of it', () => {
  expect(Object.keys(ROWS).length).toBeLessThanOrEqual(4);
});

it('its folder and rows keep to the floors', () => {
  const imports = readImports(join(copy, 'src'));
  expect(imports.some(({ from }) => from === 'notes/service.ts')).toBe(true);
  expect(refusalsOf(imports, floors)).toEqual([]);
  expect(Object.keys(floors.FLOORS).sort()).toEqual(readdirSync(join(copy, 'src')).sort());
  // Without its rows, each of its imports is refused.
  expect(refusalsOf(imports).some((refusal) => refusal.startsWith('notes/service.ts'))).toBe(true);
});

it('its route, its kind of job, its chore and its store work in the application', async () => {
  cpSync(join(CAPABILITY, 'use.ts'), join(copy, 'src/use.ts'));
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  const outfile = join(copy, 'dist/use.mjs');
  await build({
    entryPoints: [join(copy, 'src/use.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  const places = [join(copy, 'models'), join(copy, 'data')];
  const { stdout } = await promisify(execFile)(process.execPath, [outfile, ...places]);
  expect(JSON.parse(stdout)).toEqual({
    status: 202,
    job: { words: 3 },
    kept: 1,
    failed: 0,
    left: [],
  });
});
