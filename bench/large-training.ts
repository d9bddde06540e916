import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDiamonds } from './diamonds.js';
import { runScript } from './process.js';

const ROWS = 2_000_000;
const SPEC = fileURLToPath(new URL('../../model/diamonds/spec.json', import.meta.url));

/** Training, for one epoch, on more rows than fit into memory as objects. */
export async function benchLargeTraining() {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-bench-'));
  const model = join(directory, 'large');
  mkdirSync(model);
  try {
    await writeDiamonds(join(model, 'large.csv'), ROWS);
    const spec = JSON.parse(readFileSync(SPEC, 'utf8'));
    spec.name = 'large';
    spec.network.members = 1;
    Object.assign(spec.hyperparameters, { epochs: 1, batchSize: 1024 });
    writeFileSync(join(model, 'spec.json'), JSON.stringify(spec));
    writeFileSync(join(model, 'source.json'), JSON.stringify({ file: 'large.csv' }));
    const { seconds, peakMegabytes } = await runScript('../main.js', ['train', 'large'], {
      MODEL_DIR: directory,
    });
    return { rows: ROWS, seconds: Math.round(seconds), peakMegabytes: Math.round(peakMegabytes) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
