import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';

const checkout = mkdtempSync(join(tmpdir(), 'lapidary-dev-'));
const main = join(checkout, 'src/main.ts');
let dev: ChildProcess;
let log = '';

beforeAll(() => {
  for (const path of ['src', 'infra/scripts', 'package.json'])
    cpSync(path, join(checkout, path), { recursive: true });
  symlinkSync(resolve('node_modules'), join(checkout, 'node_modules'));
  dev = spawn(process.execPath, ['infra/scripts/dev.js'], {
    cwd: checkout,
    env: { ...process.env, PORT: '0', DATA_DIR: join(checkout, 'data') },
  });
  for (const stream of [dev.stdout!, dev.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
});
afterAll(async () => {
  dev.kill();
  if (dev.exitCode === null) await once(dev, 'exit');
  rmSync(checkout, { recursive: true });
});

it('restarts the server when a source changes, and keeps it while the sources do not compile', async () => {
  const first = await wrote(/listening at (http:[^"]+)/);
  const sources = readFileSync(main, 'utf8');
  appendFileSync(main, 'const x: = 1;\n');
  await wrote(/ERROR.*Unexpected "="/);
  expect((await fetch(`${first}/health/live`)).status).toBe(200);
  log = '';
  writeFileSync(main, `${sources}\n`);
  const second = await wrote(/listening at (http:[^"]+)/);
  expect((await fetch(`${second}/health/live`)).status).toBe(200);
  await expect(fetch(`${first}/health/live`)).rejects.toThrow('fetch failed');
});

/** Waits until a text is written. @returns its first group */
async function wrote(pattern: RegExp): Promise<string> {
  for (;;) {
    const found = pattern.exec(log);
    if (found) return found[1] ?? found[0];
    if (dev.exitCode !== null) throw new Error(`it ended: ${log}`);
    await sleep(50);
  }
}
