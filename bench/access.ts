import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureLoad } from './load.js';
import { ONE_ROW, PATH, startServer } from './server.js';
import { compare } from './statistics.js';

const ROUNDS = 9;
const ROUND_MS = 1500;

/** Predictions of one row a second with a warm key, asked for, looked up and metered, against those without keys. */
export async function benchAccess() {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-bench-'));
  const env = { DATA_DIR: directory, LOG_LEVEL: 'silent' };
  lapidary(env, 'clients', 'create', 'bench', '--plan', 'unlimited');
  const authorization = `Bearer ${lapidary(env, 'keys', 'create', 'bench').trim()}`;
  const headers = { authorization };
  const guarded = await startServer(['../main.js', 'serve'], { ...env, ACCESS: 'keys' }, headers);
  const open = await startServer(['../main.js', 'serve'], env);
  try {
    const { first, second, ratio } = await compare(
      ROUNDS,
      () => measureLoad(guarded.port, PATH, ONE_ROW, ROUND_MS, headers),
      () => measureLoad(open.port, PATH, ONE_ROW, ROUND_MS, headers),
    );
    return {
      requestsPerSecond: Math.round(first),
      openPerSecond: Math.round(second),
      ratio,
    };
  } finally {
    await Promise.all([guarded.stop(), open.stop()]);
    rmSync(directory, { recursive: true });
  }
}

function lapidary(env: Record<string, string>, ...args: string[]): string {
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  return execFileSync(process.execPath, [main, ...args], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
}
