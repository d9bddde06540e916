// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { peakMegabytes } from './machine.js';

/**
 * Measures a training: the duration of its process, and its peak memory.
 * @param {string} main the built application
 * @param {string} model
 * @param {string} models directory to write to, beside the shipped models
 */
export async function trainOnce(main, model, models) {
  cpSync(join('model', model), join(models, model), { recursive: true });
  const started = performance.now();
  const child = spawn(process.execPath, [main, 'train', model], {
    env: { ...process.env, MODEL_DIR: models },
    stdio: 'ignore',
  });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, peakMegabytes(child.pid ?? 0));
  }, 100);
  const [code] = await once(child, 'close');
  clearInterval(watch);
  if (code !== 0) throw new Error(`the training exited with ${code}`);
  return { seconds: Math.ceil((performance.now() - started) / 1000), peakMegabytes: peak };
}
