// Compares this build with that of another checkout, both in one run: npm run bench:against -- DIRECTORY [NAME...]
// Prints one line of JSON a figure; ends with 1 when an interval reaches below the bar.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDiamonds } from './diamonds.js';
import { measureLoad } from './load.js';
import { runScript } from './process.js';
import { ONE_ROW, PATH, startServer } from './server.js';
import { bootstrapMedian, median, round } from './statistics.js';

const PAIRS = 9;
/** The whole 95% interval of the ratio must reach it: slower by more than 3% is a regression. */
const BAR = 0.97;
const ROUNDS = 4;
const ROUND_MS = 1000;
const STARTS = 15;
const BATCH_ROWS = 1_000_000;

/** A figure of one build, the larger the better. */
type Measure = (checkout: string) => Promise<number>;

/** Measures requests a second of two servers with one row each, in alternating rounds. */
async function pairOfServers(a: string, b: string): Promise<[number, number]> {
  const servers = await Promise.all([serve(a), serve(b)]);
  try {
    const load = (i: 0 | 1) => measureLoad(servers[i].port, PATH, ONE_ROW, ROUND_MS);
    const rates: [number[], number[]] = [[], []];
    await load(0);
    await load(1);
    for (let round = 0; round < ROUNDS; round++) {
      rates[0].push(await load(0));
      rates[1].push(await load(1));
    }
    return [median(rates[0]), median(rates[1])];
  } finally {
    for (const server of servers) await server.stop();
  }
}

function serve(checkout: string) {
  return startServer([join(checkout, 'dist/main.js'), 'serve'], {
    MODEL_DIR: join(checkout, 'model'),
    DATA_DIR: join(scratch, 'data'),
    LOG_LEVEL: 'info',
  });
}

/** Starts a second, from process start to first prediction. */
const starts: Measure = async (checkout) => {
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const script = join(checkout, 'dist/bench/first-prediction.js');
    const { seconds } = await runScript(script, [], environment(checkout));
    times.push(seconds);
  }
  return 1 / median(times);
};

/** Rows of a CSV file that are predicted a second. */
const batch: Measure = async (checkout) => {
  const options = ['predict', 'diamonds', join(scratch, 'in.csv'), '-o', join(scratch, 'out.csv')];
  const script = join(checkout, 'dist/main.js');
  return BATCH_ROWS / (await runScript(script, options, environment(checkout))).seconds;
};

function environment(checkout: string) {
  return {
    MODEL_DIR: join(checkout, 'model'),
    DATA_DIR: join(scratch, 'data'),
    LOG_LEVEL: 'silent',
  };
}

/** Measures both builds, one after the other, in alternating order. */
function inTurn(measure: Measure) {
  return async (a: string, b: string, pair: number): Promise<[number, number]> => {
    if (pair % 2 === 0) return [await measure(a), await measure(b)];
    const second = await measure(b);
    return [await measure(a), second];
  };
}

const FIGURES = {
  http: async (a: string, b: string, pair: number): Promise<[number, number]> => {
    if (pair % 2 === 0) return pairOfServers(a, b);
    const [second, first] = await pairOfServers(b, a);
    return [first, second];
  },
  startup: inTurn(starts),
  batch: inTurn(batch),
};

const scratch = mkdtempSync(join(tmpdir(), 'lapidary-bench-'));
const here = fileURLToPath(new URL('../..', import.meta.url));
const [directory, ...names] = process.argv.slice(2);
const there = resolve(directory ?? '.');
if (directory === undefined || !existsSync(join(there, 'dist/bench'))) {
  console.error('npm run bench:against -- DIRECTORY [http startup batch]');
  console.error('DIRECTORY is a checkout in which `node infra/scripts/build.js --bench` has run');
  process.exit(2);
}
try {
  await writeDiamonds(join(scratch, 'in.csv'), BATCH_ROWS);
  for (const [name, measurePair] of Object.entries(FIGURES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const ratios: number[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      const [now, before] = await measurePair(here, there, pair);
      ratios.push(now / before);
    }
    const interval = bootstrapMedian(ratios);
    if (interval[0] < BAR) process.exitCode = 1;
    const figures = ratios.map((ratio) => round(ratio, 3));
    console.log(
      JSON.stringify({
        name,
        ratio: round(median(ratios), 3),
        interval: interval.map((bound) => round(bound, 3)),
        pairs: figures,
      }),
    );
  }
} finally {
  rmSync(scratch, { recursive: true });
}
