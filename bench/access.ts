import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { measureLoad } from './load.js';
import { inScratch, pathOf } from './process.js';
import { ONE_ROW, PATH } from './server.js';
import { compare, median, round } from './statistics.js';

const PROCESSES = 3;
const ROUNDS = 20;
const ROUND_MS = 250;
const WARM_MS = 2000;

type PlanName = 'unlimited' | 'limited';

/** The output of bench/access-server.ts: its ports, and a key of each plan. */
interface Announced {
  ports: { keys: number; open: number };
  plans: Record<PlanName, string>;
}

/**
 * Measures predictions per second of one row with a warm key, checked, limited and metered, against those without keys,
 * by equal requests.
 * @param plan `limited` has a rate and a quota; `unlimited` has neither, but is metered too
 */
export async function benchAccess(plan: PlanName) {
  const found = [];
  for (let i = 0; i < PROCESSES; i++)
    found.push(await inScratch((directory) => compareInOneProcess(plan, directory)));
  return {
    plan,
    requestsPerSecond: Math.round(median(found.map(({ first }) => first))),
    openPerSecond: Math.round(median(found.map(({ second }) => second))),
    ratio: round(median(found.map(({ ratio }) => ratio))),
    ratios: found.map(({ ratio }) => ratio),
  };
}

async function compareInOneProcess(plan: PlanName, directory: string) {
  const server = spawn(process.execPath, [pathOf('./access-server.js')], {
    env: {
      ...process.env,
      DATA_DIR: directory,
      MODEL_DIR: pathOf('../../model'),
      ACCESS: 'keys',
      NODE_ENV: 'production',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(server, 'close');
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const { ports, plans } = JSON.parse(line.toString()) as Announced;
    const headers = { authorization: `Bearer ${plans[plan]}` };
    const measure = (port: number, milliseconds: number) =>
      measureLoad(port, PATH, ONE_ROW, milliseconds, headers);
    for (const port of [ports.keys, ports.open]) await measure(port, WARM_MS);
    return await compare(
      ROUNDS,
      () => measure(ports.keys, ROUND_MS),
      () => measure(ports.open, ROUND_MS),
    );
  } finally {
    server.kill();
    await closed;
  }
}
