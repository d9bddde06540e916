import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const { dependencies, optionalDependencies } = JSON.parse(read('package.json'));
const documentation = read('docs/dependencies.md');

it.each(Object.keys({ ...dependencies, ...optionalDependencies }))('%s is justified', (name) => {
  expect(documentation).toMatch(new RegExp(`^\\| \`${name}\`.* \\| .+ \\|$`, 'm'));
});

it.each(Object.entries<string>({ ...dependencies, ...optionalDependencies }))(
  '%s is pinned to one version',
  (_name, version) => expect(version).toMatch(/^\d+\.\d+\.\d+$/),
);
