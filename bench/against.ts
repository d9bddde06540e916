// Compares this build with that of another checkout, both in one run: npm run bench:against -- DIRECTORY [NAME...]
// Prints one line of JSON a figure; ends with 1 when an interval reaches below the bar.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuOfChildren, cpuOfProcess } from './cpu.js';
import { writeDiamonds } from './diamonds.js';
import { measureLoad } from './load.js';
import { runScript } from './process.js';
import { ONE_ROW, PATH, startServer } from './server.js';
import { bootstrapMedian, median, round } from './statistics.js';

const PAIRS = 9;
/** The whole 95% interval of the ratio must reach it: slower by more than 3% is a regression. */
const BAR = 0.97;
/** Rounds are short and alternate: a slow spell of the machine slows down both servers. */
const ROUNDS = 24;
const ROUND_MS = 200;
const WARM_MS = 1500;
const STARTS = 15;
const BATCH_ROWS = 1_000_000;

/** Work that a build does in a second, and in a second of CPU time; larger is better. */
interface Rates {
  wall: number;
  cpu: number;
}
type Pair = [first: Rates, second: Rates];
type MeasurePair = (a: string, b: string) => Promise<Pair>;

/** Measures requests with one row each to two servers, in alternating rounds. */
async function requests(a: string, b: string): Promise<Pair> {
  const servers = [await serve(a), await serve(b)] as const;
  try {
    const load = (i: number, milliseconds: number) =>
      measureLoad(servers[i]!.port, PATH, ONE_ROW, milliseconds);
    await load(0, WARM_MS);
    await load(1, WARM_MS);
    const before = servers.map(({ pid }) => cpuOfProcess(pid));
    const rates: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++)
      for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) rates[i]!.push(await load(i, ROUND_MS));
    const [first, second] = servers.map(({ pid }, i) => {
      const answers = (sum(rates[i]!) * ROUND_MS) / 1000;
      return { wall: median(rates[i]!), cpu: answers / (cpuOfProcess(pid) - before[i]!) };
    });
    return [first!, second!];
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

/** Measures alternating starts, from process start to first prediction. */
async function starts(a: string, b: string): Promise<Pair> {
  const runs: [Run[], Run[]] = [[], []];
  for (let i = 0; i < STARTS; i++) {
    runs[0].push(await run(a, 'dist/bench/first-prediction.js'));
    runs[1].push(await run(b, 'dist/bench/first-prediction.js'));
  }
  return [ratesOf(runs[0]), ratesOf(runs[1])];
}

/** Measures the prediction of a CSV file. */
async function files(a: string, b: string): Promise<Pair> {
  const options = ['predict', 'diamonds', join(scratch, 'in.csv'), '-o', join(scratch, 'out.csv')];
  const first = await run(a, 'dist/main.js', options);
  return [ratesOf([first]), ratesOf([await run(b, 'dist/main.js', options)])];
}

/** Elapsed seconds of a script, and its CPU time. */
interface Run {
  seconds: number;
  cpuSeconds: number;
}

async function run(checkout: string, script: string, options: string[] = []): Promise<Run> {
  const before = cpuOfChildren();
  const { seconds } = await runScript(join(checkout, script), options, {
    MODEL_DIR: join(checkout, 'model'),
    DATA_DIR: join(scratch, 'data'),
    LOG_LEVEL: 'silent',
  });
  return { seconds, cpuSeconds: cpuOfChildren() - before };
}

function ratesOf(runs: readonly Run[]): Rates {
  return {
    wall: 1 / median(runs.map(({ seconds }) => seconds)),
    cpu: runs.length / sum(runs.map(({ cpuSeconds }) => cpuSeconds)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const FIGURES: Readonly<Record<string, MeasurePair>> = {
  http: requests,
  startup: starts,
  batch: files,
};

/** Returns the ratios of this build's rates to the other's. The order of the builds alternates from pair to pair. */
async function ratiosOf(measure: MeasurePair): Promise<Rates[]> {
  const ratios: Rates[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const isFirst = pair % 2 === 0;
    const found = isFirst ? await measure(here, there) : await measure(there, here);
    const [now, before] = isFirst ? found : found.toReversed();
    ratios.push({ wall: now!.wall / before!.wall, cpu: now!.cpu / before!.cpu });
  }
  return ratios;
}

function summary(ratios: readonly number[]) {
  const interval = bootstrapMedian(ratios).map((bound) => round(bound, 3));
  return { ratio: round(median(ratios), 3), interval };
}

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
  for (const [name, measure] of Object.entries(FIGURES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const ratios = await ratiosOf(measure);
    const walls = ratios.map(({ wall }) => wall);
    if (bootstrapMedian(walls)[0] < BAR) process.exitCode = 1;
    const pairs = walls.map((ratio) => round(ratio, 3));
    const cpu = summary(ratios.map((ratio) => ratio.cpu));
    console.log(JSON.stringify({ name, ...summary(walls), pairs, cpu }));
  }
} finally {
  rmSync(scratch, { recursive: true });
}
