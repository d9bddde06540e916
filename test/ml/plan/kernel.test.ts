import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';

test('the committed kernel is what its sources compile to', async () => {
  const folder = new URL('../../../src/ml/plan/kernel/', import.meta.url);
  const { kernelModule } = (await import(new URL('build.js', folder).href)) as {
    kernelModule(): Promise<string>;
  };
  expect(await kernelModule()).toBe(await readFile(new URL('kernel.wasm.ts', folder), 'utf8'));
}, 30_000);
