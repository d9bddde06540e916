import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureLoad } from './load.js';
import { comparePairs } from './pairs.js';
import { ONE_ROW, PATH, startServer } from './server.js';

const RUN = { pairs: 7, rounds: 3 };
const ROUND_MS = 1500;

/** Predictions of one row a second with a warm key, asked for, looked up and metered, against those without keys. */
export async function benchAccess() {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-bench-'));
  const env = { DATA_DIR: directory, LOG_LEVEL: 'silent' };
  lapidary(env, 'clients', 'create', 'bench', '--plan', 'unlimited');
  const authorization = `Bearer ${lapidary(env, 'keys', 'create', 'bench').trim()}`;
  const headers = { authorization };
  const measured = (own: Record<string, string>, sent: Record<string, string>) => ({
    start: () => startServer(['../main.js', 'serve'], { ...env, ...own }, sent),
    measure: ({ port }: { port: number }) => measureLoad(port, PATH, ONE_ROW, ROUND_MS, sent),
  });
  try {
    const { first, second, ratio } = await comparePairs(
      RUN,
      measured({ ACCESS: 'keys' }, headers),
      measured({}, {}),
    );
    return { requestsPerSecond: first, openPerSecond: second, ratio };
  } finally {
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
