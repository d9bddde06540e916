import { join } from 'node:path';
import { writeDiamonds } from './diamonds.js';
import { inScratch, runScript } from './process.js';
import { compare, round } from './statistics.js';

const ROWS = 1_000_000;
const ROUNDS = 3;

/** Measures predicting a CSV file of a million diamonds, against reading its fields and writing it again. */
export function benchBatch() {
  return inScratch(async (directory) => {
    const input = join(directory, 'in.csv');
    const output = join(directory, 'out.csv');
    await writeDiamonds(input, ROWS);
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
  });
}
