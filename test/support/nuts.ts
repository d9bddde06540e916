import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nutsCsv } from './data.js';
import { runMain } from './process.js';

/** Makes the model `nuts` in a directory of models, with a short training. */
export async function makeNuts(models: string): Promise<void> {
  const env = { MODEL_DIR: models };
  const data = join(models, 'nuts.csv');
  writeFileSync(data, nutsCsv(200));
  const init = ['init', 'nuts', '--data', data, '--target', 'nut', '--no-train'];
  await runMain(init, env).finished;
  const file = join(models, 'nuts', 'spec.json');
  const spec = JSON.parse(readFileSync(file, 'utf8'));
  spec.network.members = 1;
  spec.hyperparameters.epochs = 10;
  writeFileSync(file, JSON.stringify(spec));
  const { code, stderr } = await runMain(['train', 'nuts'], env).finished;
  if (code !== 0) throw new Error(stderr);
}
