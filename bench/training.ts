import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const MODELS = fileURLToPath(new URL('../../model', import.meta.url));
const EPOCHS = 3;

/** Rows a second that one member of a model learns from, its validation included. */
export async function benchTraining(model: string) {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-bench-'));
  try {
    for (const name of ['spec.json', 'source.json'])
      cpSync(join(MODELS, model, name), join(directory, model, name));
    shorten(join(directory, model, 'spec.json'));
    const { trainingRows, epochs } = await train(directory, model);
    // The first epoch also starts the backend.
    const seconds = (epochs.at(-1)! - epochs[0]!) / 1000 / (epochs.length - 1);
    return { model, trainingRows, rowsPerSecond: Math.round(trainingRows / seconds) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function shorten(path: string): void {
  const spec = JSON.parse(readFileSync(path, 'utf8'));
  spec.network.members = 1;
  spec.hyperparameters.epochs = EPOCHS;
  writeFileSync(path, JSON.stringify(spec));
}

async function train(directory: string, model: string) {
  const child = spawn(process.execPath, [MAIN, 'train', model, '--json'], {
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
