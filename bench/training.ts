import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inScratch, pathOf } from './process.js';

const MODELS = pathOf('../../model');
const EPOCHS = 3;

/** Measures rows per second that one member of a model learns from, including its validation. */
export function benchTraining(model: string) {
  return inScratch(async (directory) => {
    for (const name of ['spec.json', 'source.json'])
      cpSync(join(MODELS, model, name), join(directory, model, name));
    shorten(join(directory, model, 'spec.json'));
    const { trainingRows, epochs } = await train(directory, model);
    // The first epoch also starts the backend.
    const seconds = (epochs.at(-1)! - epochs[0]!) / 1000 / (epochs.length - 1);
    return { model, trainingRows, rowsPerSecond: Math.round(trainingRows / seconds) };
  });
}

function shorten(path: string): void {
  const spec = JSON.parse(readFileSync(path, 'utf8'));
  spec.network.members = 1;
  spec.hyperparameters.epochs = EPOCHS;
  writeFileSync(path, JSON.stringify(spec));
}

async function train(directory: string, model: string) {
  const child = spawn(process.execPath, [pathOf('../main.js'), 'train', model, '--json'], {
    env: { ...process.env, MODEL_DIR: directory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  let trainingRows = 0;
  const epochs: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line);
    if (event.event === 'read') trainingRows = event.trainingRows;
    if (event.event === 'epoch') epochs.push(performance.now());
    if (epochs.length === EPOCHS) break;
  }
  child.kill();
  await closed;
  return { trainingRows, epochs };
}
