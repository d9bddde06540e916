import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDiamonds } from './diamonds.js';
import { inScratch, pathOf, runScript } from './process.js';

const ROWS = 2_000_000;

/** Measures training for one epoch on more rows than fit into memory as objects. */
export function benchLargeTraining() {
  return inScratch(async (directory) => {
    const model = join(directory, 'large');
    mkdirSync(model);
    await writeDiamonds(join(model, 'large.csv'), ROWS);
    const spec = JSON.parse(readFileSync(pathOf('../../model/diamonds/spec.json'), 'utf8'));
    spec.name = 'large';
    spec.network.members = 1;
    Object.assign(spec.hyperparameters, { epochs: 1, batchSize: 1024 });
    writeFileSync(join(model, 'spec.json'), JSON.stringify(spec));
    writeFileSync(join(model, 'source.json'), JSON.stringify({ file: 'large.csv' }));
    const { seconds, peakMegabytes } = await runScript('../main.js', ['train', 'large'], {
      MODEL_DIR: directory,
    });
    return { rows: ROWS, seconds: Math.round(seconds), peakMegabytes: Math.round(peakMegabytes) };
  });
}
