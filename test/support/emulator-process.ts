import { execFile, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onceInRun } from './once.js';

/** Result of starting the emulator of this run. */
export type Started = { endpoint: string; pid: number } | { failure: string };

const INSTALL = fileURLToPath(new URL('../../infra/emulator/install.sh', import.meta.url));
const RUN = fileURLToPath(new URL('../../infra/emulator/run.py', import.meta.url));
const INSTALL_MS = 300_000;
const START_MS = 60_000;

/** Starts the emulator of this test run, unless another test file has. test/support/run-end.js stops it. */
export function startOnce(): Promise<Started> {
  return onceInRun('emulator', (directory) =>
    start(directory).catch((error: Error) => ({ failure: error.message })),
  );
}

async function start(directory: string): Promise<Started> {
  const { stdout } = await promisify(execFile)('bash', [INSTALL], { timeout: INSTALL_MS });
  const port = await freePort();
  const log = openSync(join(directory, 'log'), 'a');
  const child = spawn(stdout.trim(), [RUN, process.env.LAPIDARY_TEST_RUN_PID!], {
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      TMPDIR: directory,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      LOG_LEVEL: 'WARNING',
      IOT_MTLS_ENABLED: '0',
    },
  });
  child.unref();
  const endpoint = `http://127.0.0.1:${port}`;
  const until = Date.now() + START_MS;
  while (!(await answers(`${endpoint}/_ministack/health`))) {
    if (child.exitCode !== null || Date.now() > until) {
      const written = readFileSync(join(directory, 'log'), 'utf8').slice(-2000);
      throw new Error(`the emulator did not start: ${written}`);
    }
    await sleep(50);
  }
  return { endpoint, pid: child.pid! };
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}

/** Returns a port that was just free. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address!.port : 0));
    });
  });
}
