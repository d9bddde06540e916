import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare, round } from './statistics.js';

const ROWS = 1_000_000;
const ROUNDS = 3;

/** Predicting a CSV file of a million diamonds, against reading it field by field and writing it again. */
export async function benchBatch() {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-bench-'));
  const input = join(directory, 'in.csv');
  const output = join(directory, 'out.csv');
  try {
    await writeDiamonds(input);
    const peaks: number[] = [];
    const predict = async () => {
      const run = await runScript('../main.js', ['predict', 'diamonds', input, '-o', output]);
      peaks.push(run.peakMegabytes);
      return run.seconds;
    };
    const copy = async () => (await runScript('./copy-csv.js', [input, output])).seconds;
    const { first, second, ratio } = await compare(ROUNDS, predict, copy);
    return {
      rows: ROWS,
      seconds: round(first),
      rowsPerSecond: Math.round(ROWS / first),
      copySeconds: round(second),
      timesCopy: ratio,
      peakMegabytes: Math.round(Math.max(...peaks)),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function writeDiamonds(path: string): Promise<void> {
  const source = createRequire(import.meta.url).resolve(
    '@observablehq/sample-datasets/diamonds.csv',
  );
  const [header, ...rows] = readFileSync(source, 'utf8').trimEnd().split(/\r?\n/);
  const file = createWriteStream(path);
  file.write(`${header}\n`);
  for (let written = 0; written < ROWS; written += rows.length) {
    const some = rows.slice(0, ROWS - written);
    if (!file.write(`${some.join('\n')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

async function runScript(script: string, options: readonly string[]) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const started = performance.now();
  const child = spawn(process.execPath, [path, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let peakMegabytes = 0;
  const watching = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, residentMegabytes(child.pid!));
  }, 20);
  let told = '';
  child.stderr.on('data', (text) => {
    told += text;
  });
  const [code] = await once(child, 'close');
  clearInterval(watching);
  if (code !== 0) throw new Error(told);
  return { seconds: (performance.now() - started) / 1000, peakMegabytes };
}

/** 0 where the system does not tell. */
function residentMegabytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
