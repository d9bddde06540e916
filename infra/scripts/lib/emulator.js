// @ts-check
// Starts an empty AWS emulator for a rehearsal.
import { spawn } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Refusal } from './command.js';
import { run } from './run.js';

/** @typedef {Awaited<ReturnType<typeof startEmulator>>} Emulator */

const HERE = fileURLToPath(new URL('../../emulator', import.meta.url));
const START_MS = 60_000;
const REGION = 'eu-central-1';

/**
 * @param {Record<string, string>} settings further environment variables
 * @returns its address, and how to stop it
 */
export async function startEmulator(settings) {
  const python = (await run('bash', [join(HERE, 'install.sh')])).trim();
  const directory = await mkdtemp(join(tmpdir(), 'lapidary-emulator-'));
  const port = await freePort();
  const log = await open(join(directory, 'log'), 'a');
  const child = spawn(python, [join(HERE, 'run.py'), String(process.pid)], {
    stdio: ['ignore', log.fd, log.fd],
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      TMPDIR: directory,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      LOG_LEVEL: 'WARNING',
      IOT_MTLS_ENABLED: '0',
      ...settings,
    },
  });
  await log.close();
  const endpoint = `http://127.0.0.1:${port}`;
  const until = Date.now() + START_MS;
  while (!(await answers(`${endpoint}/_ministack/health`))) {
    if (child.exitCode !== null || Date.now() > until) {
      throw new Refusal(
        `the emulator did not start: ${await readFile(join(directory, 'log'), 'utf8')}`,
      );
    }
    await sleep(50);
  }
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  return {
    endpoint,
    region: REGION,
    env,
    /** Lists all resources of the account. */
    inventory: () => run(python, [join(HERE, 'inventory.py')], { env }),
    async stop() {
      child.kill('SIGKILL');
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** @param {string} url */
async function answers(url) {
  const answer = await fetch(url).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}

/** @returns {Promise<number>} a port that was just free */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
