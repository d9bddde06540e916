import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';

const SCRIPT = fileURLToPath(new URL('../../infra/scripts/native-training.sh', import.meta.url));
const PACKAGE = '@tensorflow/tfjs-node';

let app: string;
beforeEach(() => {
  app = mkdtempSync(join(tmpdir(), 'lapidary-native-'));
  writeFileSync(join(app, 'package.json'), readFileSync('package.json'));
});
afterEach(() => rmSync(app, { recursive: true }));

/** Runs it where npm is the script given: it writes the package as npm would, or fails. */
function install(asked: string, npm: string) {
  const bin = join(app, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'npm'), `#!/bin/sh\necho "$@" > npm-was-asked\n${npm}\n`);
  chmodSync(join(bin, 'npm'), 0o755);
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  return new Promise<{ code: number; output: string }>((resolve) => {
    execFile('sh', [SCRIPT, asked], { cwd: app, env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}
const writes = (code: string) =>
  `mkdir -p node_modules/${PACKAGE}; echo '${code}' > node_modules/${PACKAGE}/index.js`;
const asked = () => readFileSync(join(app, 'npm-was-asked'), 'utf8');

it('installs the version that package.json names', async () => {
  const { code, output } = await install('yes', writes('module.exports = 1'));
  expect([code, output]).toEqual([0, `native-training: ${PACKAGE} 4.22.0 is installed\n`]);
  expect(asked()).toBe(`install --no-save --omit=dev ${PACKAGE}@4.22.0\n`);
});

it('asks npm for nothing where it is not asked for', async () => {
  expect(await install('no', 'exit 1')).toEqual({ code: 0, output: '' });
  expect(asked).toThrow();
});

it.each([
  ['npm fails', 'exit 1'],
  ['npm drops it without a word', 'exit 0'],
  ['its library is missing', writes('throw new Error("libtensorflow.so.2: cannot open")')],
])('fails with the remedy when %s', async (_title, npm) => {
  const { code, output } = await install('yes', npm);
  expect(code).toBe(1);
  expect(output).toMatch(/NATIVE_TRAINING=yes, but @tensorflow\/tfjs-node 4\.22\.0 could not be/);
  expect(output).toContain('NATIVE_TRAINING=no');
});

it.each(['true', '1', 'YES', ''])('refuses %j, which would build without it', async (value) => {
  const { code, output } = await install(value, 'exit 0');
  expect([code, output]).toEqual([
    1,
    `native-training: NATIVE_TRAINING must be yes or no, not "${value}"\n`,
  ]);
});
