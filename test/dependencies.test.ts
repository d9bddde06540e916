import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { built } from './support/built.js';

const ROOT = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const { dependencies, optionalDependencies, peerDependencies, devDependencies, ...rest } =
  JSON.parse(read('package.json'));
const installed: Record<string, string> = {
  ...dependencies,
  ...optionalDependencies,
  ...peerDependencies,
};

/** The packages that the sources import, but for types alone. */
const imported = new Set(
  readdirSync(new URL('src', ROOT), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [
      ...read(`src/${path}`).matchAll(
        /^(?:import (?!type )[^;]*?from |.*\bimport\()'((?:@[\w-]+\/)?[a-z][\w.-]*)/gm,
      ),
    ])
    .map(([, name]) => name!)
    .filter((name) => !isBuiltin(name) && !name.startsWith('node')),
);
const used = [...new Set([...imported, ...Object.keys(installed)])].sort();

describe.each(used)('%s', (name) => {
  it('is justified', () => {
    expect(read('docs/dependencies.md')).toMatch(new RegExp(`^\\| \`${name}\`.* \\| .+ \\|$`, 'm'));
  });

  it('is pinned to one version', () => {
    expect({ ...devDependencies, ...installed }[name]).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

it('loads from node_modules what is installed, and nothing else', async () => {
  await built('main.js');
  const bundle = readdirSync(new URL('dist', ROOT))
    .filter((name) => name.endsWith('.js'))
    .map((name) => read(`dist/${name}`))
    .join('\n');
  // Without blanks: in what esbuild wrote, and in no text of it. createRequire(import.meta.url) makes a require, too.
  const asked = (name: string) =>
    new RegExp(`(from|import\\(|require\\(|import\\.meta\\.url\\)\\()["']${name}["'/]`).test(
      bundle,
    );
  expect(Object.keys({ ...dependencies, ...optionalDependencies }).filter(asked)).toEqual(
    Object.keys({ ...dependencies, ...optionalDependencies }),
  );
  expect(Object.keys(devDependencies).filter(asked)).toEqual([]);
});

it('cannot be published by mistake', () => {
  expect(rest.private).toBe(true);
});
