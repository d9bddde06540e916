import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Version } from '../../src/registry/version.js';
import { ServingService } from '../../src/serving/service.js';
import { MODEL_DIR } from './app.js';
import { registryIn } from './stores.js';

/** The shipped version of diamonds, and its content without an id. */
export const { version: SHIPPED } = await new ServingService(registryIn(MODEL_DIR)).champion(
  'diamonds',
);
export const { id: SHIPPED_ID, ...CONTENT } = SHIPPED;

/** The same network with another weight, a day later: another version with other predictions. */
export function retrained(by: number): Omit<Version, 'id'> {
  const weights = new Float32Array(CONTENT.network.weightData.slice(0));
  weights[0]! += by;
  const day = new Date(Date.parse(CONTENT.card.training!.trainedAt) + by * 86_400_000);
  const training = { ...CONTENT.card.training!, trainedAt: day.toISOString() };
  return {
    ...CONTENT,
    card: { ...CONTENT.card, training },
    network: { ...CONTENT.network, weightData: weights.buffer },
  };
}

/** Returns a directory with only the shipped diamonds, which a test may change. */
export function newModels() {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-models-'));
  const from = join(MODEL_DIR, 'diamonds');
  for (const part of ['aliases', 'versions'])
    cpSync(join(from, part), join(directory, 'diamonds', part), { recursive: true });
  return {
    directory,
    store: registryIn(directory),
    fileOf: (id: string, name: string) => join(directory, 'diamonds', 'versions', id, name),
    remove: () => rmSync(directory, { recursive: true }),
  };
}
