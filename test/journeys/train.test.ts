import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runMain, startServer } from '../support/process.js';

const SPEC = {
  name: 'boxes',
  title: 'Boxes',
  description: 'What a box weighs.',
  task: 'regression',
  features: [
    { name: 'side', kind: 'number', minimum: 0 },
    { name: 'material', kind: 'category', categories: ['cork', 'oak'] },
  ],
  target: { name: 'weight', unit: 'kg', transform: 'log' },
  encoding: [
    { encode: 'log', powers: { side: 1 } },
    { encode: 'oneHot', feature: 'material' },
  ],
  network: { hidden: [8], activation: 'swish', members: 2 },
  hyperparameters: {
    epochs: 12,
    batchSize: 32,
    learningRate: 0.02,
    warmup: 0.05,
    beta2: 0.95,
    averaging: 0.9,
    validation: 0.1,
    patience: 5,
    loss: 'meanAbsoluteError',
    seed: 7,
  },
};

function csv(rows: number): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const side = 1 + (i % 37) / 10;
    const material = i % 3 === 0 ? 'oak' : 'cork';
    return `${side},${material},${(side ** 3 * (material === 'oak' ? 0.7 : 0.2)).toFixed(4)}`;
  });
  return `side,material,weight\n${lines.join('\n')}\n`;
}

describe('from a spec and a CSV to a served model', () => {
  const models = mkdtempSync(join(tmpdir(), 'lapidary-models-'));
  const env = { MODEL_DIR: models };
  const file = (name: string) => join(models, 'boxes', name);
  /** The versions that the champion has been, the first first. */
  const moves = () => {
    const directory = file('aliases/champion');
    const numbers = readdirSync(directory).sort((a, b) => Number(a) - Number(b));
    return numbers.map((number) => readFileSync(join(directory, number), 'utf8').trim());
  };

  beforeAll(() => {
    mkdirSync(join(models, 'boxes'));
    writeFileSync(file('spec.json'), JSON.stringify(SPEC));
    writeFileSync(file('source.json'), JSON.stringify({ file: 'boxes.csv' }));
    writeFileSync(file('boxes.csv'), csv(2000));
  });
  afterAll(() => rmSync(models, { recursive: true }));

  it('trains on worker threads, scores, and serves', async () => {
    const trained = await runMain(['train', 'boxes'], env).finished;
    expect([trained.code, trained.stderr]).toEqual([
      0,
      expect.stringContaining('member 2/2, epoch 1/12'),
    ]);
    const score = JSON.parse((await runMain(['score', 'boxes', '--json'], env).finished).stdout);
    expect(score.metrics.mae).toBeLessThan(score.baselines.median.mae / 4);

    const server = await startServer(env);
    const answer = await fetch(`${server.url}/models/boxes/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ instances: [{ side: 2, material: 'oak' }] }),
    });
    const { version, predictions } = (await answer.json()) as {
      version: string;
      predictions: { value: number }[];
    };
    expect(version).toBe(score.version);
    expect(Math.abs(predictions[0]!.value - 5.6)).toBeLessThan(1);
    server.child.kill();
    await server.finished;
  }, 60_000);

  it('makes the same version again from the same data and seed', async () => {
    const events = (await runMain(['train', 'boxes', '--json'], env).finished).stdout
      .trim()
      .split('\n');
    expect(JSON.parse(events.at(-1)!)).toMatchObject({ event: 'published' });
    expect(readdirSync(file('versions'))).toHaveLength(1);
    expect(moves()).toEqual([JSON.parse(events.at(-1)!).version]);
  }, 60_000);

  it.each([
    [
      'a row that does not fit',
      (text: string) => text.replace('oak', 'tin'),
      /line 2, material: "tin"/,
    ],
    [
      'a column that is not there',
      (text: string) => text.replace('side', 'edge'),
      /column not found: side/,
    ],
  ])('refuses data with %s and keeps the champion', async (_what, damage, message) => {
    const before = moves();
    cpSync(file('boxes.csv'), file('boxes.good'));
    writeFileSync(file('boxes.csv'), damage(csv(100)));
    const { code, stderr } = await runMain(['train', 'boxes'], env).finished;
    cpSync(file('boxes.good'), file('boxes.csv'));
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(moves()).toEqual(before);
  });
});
