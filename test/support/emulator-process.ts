import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** How starting the emulator of this run ended. */
export type Started = { endpoint: string; pid: number } | { failure: string };

const INSTALL = fileURLToPath(new URL('../../infra/emulator/install.sh', import.meta.url));
const RUN = fileURLToPath(new URL('../../infra/emulator/run.py', import.meta.url));
const INSTALL_MS = 300_000;
const START_MS = 60_000;

/**
 * The emulator of this test run. The first test file that wants one starts it, the others wait for what
 * came of that, in whichever of jest's workers they are: a directory that only one of them can make is the
 * lock, a file that is renamed into place the answer. test/support/run-end.js stops it.
 */
export async function startOnce(): Promise<Started> {
  const directory = process.env.LAPIDARY_TEST_RUN;
  if (directory === undefined) throw new Error('test/support/run-begin.js was not run by jest');
  const answer = join(directory, 'emulator.json');
  try {
    mkdirSync(join(directory, 'emulator'));
  } catch {
    return waitFor(answer);
  }
  const started = await start(join(directory, 'emulator')).catch((error: Error) => ({
    failure: error.message,
  }));
  writeFileSync(`${answer}.new`, JSON.stringify(started));
  renameSync(`${answer}.new`, answer);
  return started;
}

async function waitFor(answer: string): Promise<Started> {
  const until = Date.now() + INSTALL_MS + START_MS;
  while (!existsSync(answer)) {
    if (Date.now() > until) return { failure: 'the test file that was to start it did not' };
    await sleep(50);
  }
  return JSON.parse(readFileSync(answer, 'utf8')) as Started;
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

/** A port that was free a moment ago. */
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
