import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { CODE_VERSION } from '../../src/core/code-version.js';

it('the version of the code is that of the package', () => {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  expect(CODE_VERSION).toBe(JSON.parse(manifest).version);
});
