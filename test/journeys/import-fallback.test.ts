import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { tf, tfl } from '../ml/plan/networks.js';
import { ask, describedModel, newElsewhere } from '../support/elsewhere.js';
import { filesOf, writeFiles } from '../support/layers-model.js';
import { runMain, startServer } from '../support/process.js';

const { root, env, at, remove } = newElsewhere();
afterAll(remove);

describe('a model with a layer that the plan does not support', () => {
  const DAYS = Array.from({ length: 4 }, (_, i) => `day${i}`);
  const network = tfl.sequential({
    layers: [
      tfl.layers.lstm({
        units: 4,
        inputShape: [DAYS.length, 1],
        name: 'memory',
        // The usual one, orthogonal, needs more of TensorFlow.js than is loaded here.
        recurrentInitializer: 'glorotNormal',
      }),
      tfl.layers.dense({ units: 1, activation: 'sigmoid', name: 'rises' }),
    ],
  });
  const spec = {
    title: 'Tomorrow',
    description: 'Whether a value rises.',
    task: 'classification',
    features: DAYS.map((name) => ({ name, kind: 'number', minimum: -3, maximum: 3 })),
    target: { name: 'tomorrow', classes: ['falls', 'rises'] },
    encoding: DAYS.map((feature) => ({ encode: 'standard', feature, mean: 0, deviation: 1 })),
  };

  it('is served by TensorFlow.js, visibly, and its one sigmoid answers for two classes', async () => {
    writeFiles(at('tomorrow-tfjs'), await filesOf(network));
    writeFiles(root, { 'tomorrow.json': JSON.stringify(spec) });
    const files = ['--model', at('tomorrow-tfjs'), '--spec', at('tomorrow.json')];
    const { code, stderr } = await runMain(['import', 'tomorrow', ...files], env).finished;
    expect([code, stderr]).toEqual([0, expect.stringContaining("Layer 'memory' (LSTM)")]);

    const server = await startServer(env);
    const values = [0.5, -1, 2, 0.25];
    const instance = Object.fromEntries(DAYS.map((name, i) => [name, values[i]]));
    const { status, predictions } = await ask(server.url, 'tomorrow', [instance]);
    const [rises] = (
      network.predict(tf.tensor3d(values, [1, 4, 1])) as ReturnType<typeof tf.tensor2d>
    ).dataSync();
    expect(status).toBe(200);
    expect(predictions[0]!.probabilities.rises).toBeCloseTo(rises!, 5);
    expect(predictions[0]!.label).toBe(rises! > 0.5 ? 'rises' : 'falls');
    expect(await describedModel(server.url, 'tomorrow')).toMatchObject({
      engine: 'tensorflow',
      card: { fallback: expect.stringContaining('LSTM') },
    });
    server.child.kill();
    const { stdout } = await server.finished;
    expect(stdout).toMatch(/"level":40.*"model":"tomorrow".*LSTM.*TensorFlow.js serves this model/);
  }, 60_000);
});

it('a cold start reads nothing of TensorFlow.js', () => {
  const seen = new Set<string>();
  const read = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    // Not import("..."): that waits until it is needed.
    const text = readFileSync(join('dist', file), 'utf8');
    for (const [, name] of text.matchAll(/(?:from|import)"([^"]+)"/g)) {
      expect(name).not.toContain('@tensorflow');
      if (name!.startsWith('./')) read(name!);
    }
  };
  read('lambda-api.js');
  expect(seen.size).toBeGreaterThan(1);
});
