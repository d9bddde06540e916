import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import iconv from 'iconv-lite';
import { seededRandom } from '../../src/ml/random.js';
import { tf, tfl } from '../ml/plan/networks.js';
import { ask, describedModel, newElsewhere } from '../support/elsewhere.js';
import { filesOf, writeFiles } from '../support/layers-model.js';
import { runMain, startServer } from '../support/process.js';

const { root, env, at, remove } = newElsewhere();
afterAll(remove);

const ROWS = 400;
const random = seededRandom(5);
const between = (low: number, high: number) => low + random() * (high - low);
const standardised = (values: number[], mean: number, deviation: number) =>
  values.map((value) => (value - mean) / deviation);

/** Trains a model outside of Lapidary. */
async function trainElsewhere(model: LayersModel, x: never, y: never, loss: string): Promise<void> {
  model.compile({ optimizer: tf.train.adam(0.02), loss });
  await model.fit(x, y, { epochs: 15, batchSize: 32, shuffle: false, verbose: 0 });
}

describe('a dense classifier, as the documentation has it', () => {
  const [, specText] = /```json\n([\s\S]*?)\n```/.exec(readFileSync('docs/import.md', 'utf8'))!;
  const SPECIES = (JSON.parse(specText!) as { target: { classes: string[] } }).target.classes;
  const penguins = Array.from({ length: ROWS }, (_, i) => {
    const kind = i % 3;
    return {
      bill: between(35, 40) + 5 * kind,
      flipper: between(180, 190) + (kind === 1 ? 25 : 0),
      species: SPECIES[kind]!,
    };
  });
  const network = tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 8, activation: 'relu', inputShape: [2], name: 'hidden' }),
      tfl.layers.dense({ units: 3, activation: 'softmax', name: 'species' }),
    ],
  });
  const encode = (rows: { bill: number; flipper: number }[]) => {
    const bills = standardised(
      rows.map(({ bill }) => bill),
      44,
      5.5,
    );
    const flippers = standardised(
      rows.map(({ flipper }) => flipper),
      201,
      14,
    );
    return tf.tensor2d(
      rows.flatMap((_, i) => [bills[i]!, flippers[i]!]),
      [rows.length, 2],
    );
  };

  it('is checked and scored on data, and answers as it did where it was trained', async () => {
    const labels = penguins.map(({ species }) => SPECIES.indexOf(species));
    const y = tf.oneHot(tf.tensor1d(labels, 'int32'), 3);
    await trainElsewhere(network, encode(penguins) as never, y as never, 'categoricalCrossentropy');
    writeFiles(at('penguins-tfjs'), await filesOf(network, 3));
    const csv = penguins.map(({ bill, flipper, species }) => `${bill},${flipper},${species}`);
    writeFiles(root, {
      'penguins.json': specText!,
      'penguins.csv': `culmen_length_mm,flipper_length_mm,species\n${csv.join('\n')}\n`,
    });
    const files = ['--model', at('penguins-tfjs'), '--spec', at('penguins.json')];
    const order = ['import', 'penguins', ...files, '--data', at('penguins.csv')];

    const { code, stdout, stderr } = await runMain(order, env).finished;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/input hidden_input \[2\] takes numbers/);
    expect(stdout).toMatch(
      /the error of the plan is at most .*, that of TensorFlow.js .*, over 400 rows \(the first rows of .*penguins.csv\)/,
    );
    expect(stdout).toMatch(/penguins +9\d\.\d\d%|penguins +100\.00%/);
    const again = await runMain(order, env).finished;
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('model_exists')]);
    const score = await runMain(['score', 'penguins', '--json'], env).finished;
    expect(JSON.parse(score.stdout)).toMatchObject({ model: 'penguins', baselines: {} });

    const server = await startServer(env);
    const few = penguins.slice(0, 5);
    const instances = few.map(({ bill, flipper }) => ({
      culmen_length_mm: bill,
      flipper_length_mm: flipper,
    }));
    const { status, predictions } = await ask(server.url, 'penguins', instances);
    const expected = (network.predict(encode(few)) as ReturnType<typeof encode>).arraySync();
    expect(status).toBe(200);
    predictions.forEach(({ probabilities }, i) => {
      SPECIES.forEach((name, c) => {
        expect(probabilities[name]).toBeCloseTo(expected[i]![c]!, 5);
      });
    });
    expect(await describedModel(server.url, 'penguins')).toMatchObject({
      engine: 'plan',
      card: {
        imported: { generatedBy: 'keras v2.15.0, TensorFlow.js Converter v4.22.0' },
        data: { rows: ROWS, testRows: ROWS },
      },
    });
    const document = await (await fetch(`${server.url}/openapi.json`)).text();
    expect(document).toContain('predict_penguins');
    server.child.kill();
    await server.finished;
  }, 60_000);
});

describe('a regression with embedded categories', () => {
  const MATERIALS = ['cork', 'oak', 'iron'];
  const DENSITY = [0.2, 0.7, 7.9];
  const boxes = Array.from({ length: ROWS }, (_, i) => {
    const side = between(1, 3);
    return { side, material: MATERIALS[i % 3]!, weight: side ** 3 * DENSITY[i % 3]! };
  });
  // The category comes first, as it may elsewhere: the spec names the inputs.
  const category = tfl.input({ shape: [1], name: 'material_index' });
  const numbers = tfl.input({ shape: [1], name: 'measures' });
  const embedded = tfl.layers
    .embedding({ inputDim: 3, outputDim: 2, name: 'material' })
    .apply(category);
  const joined = tfl.layers
    .concatenate()
    .apply([tfl.layers.flatten().apply(embedded) as never, numbers]);
  const hidden = tfl.layers.dense({ units: 8, activation: 'tanh' }).apply(joined);
  const network = tfl.model({
    inputs: [category, numbers],
    outputs: tfl.layers.dense({ units: 1 }).apply(hidden) as never,
  });
  const encode = (rows: { side: number; material: string }[]) => [
    tf.tensor2d(rows.map(({ material }) => [MATERIALS.indexOf(material)])),
    tf.tensor2d(
      standardised(
        rows.map(({ side }) => side),
        2,
        0.6,
      ).map((value) => [value]),
    ),
  ];
  const spec = {
    title: 'Boxes',
    description: 'What a box weighs.',
    task: 'regression',
    features: [
      { name: 'side', kind: 'number', minimum: 0.1 },
      { name: 'material', kind: 'category', categories: MATERIALS },
    ],
    target: { name: 'weight', unit: 'kg', transform: 'log', mean: 1.5, deviation: 2 },
    encoding: [
      { encode: 'standard', feature: 'side', mean: 2, deviation: 0.6 },
      { encode: 'embedding', feature: 'material', size: 2 },
    ],
    inputs: ['measures', 'material_index'],
    trainingRanges: { side: [1, 3] },
  };

  it('is checked on made-up rows without data, and warns outside of its ranges', async () => {
    const target = boxes.map(({ weight }) => [(Math.log(weight) - 1.5) / 2]);
    await trainElsewhere(
      network,
      encode(boxes) as never,
      tf.tensor2d(target) as never,
      'meanSquaredError',
    );
    writeFiles(at('boxes-tfjs'), await filesOf(network));
    writeFiles(root, { 'boxes.json': JSON.stringify(spec) });
    const files = ['--model', at('boxes-tfjs'), '--spec', at('boxes.json')];

    const { code, stdout } = await runMain(['import', 'boxes', ...files, '--json'], env).finished;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      model: 'boxes',
      engine: 'plan',
      inputs: [
        { input: 'measures', shape: [1], takes: 'numbers' },
        { input: 'material_index', shape: [1], takes: 'material' },
      ],
      card: { parity: { rows: 1000, source: expect.stringContaining('generated from') } },
    });

    const server = await startServer(env);
    const instances = [
      { side: 2, material: 'oak' },
      { side: 9, material: 'iron' },
    ];
    const { predictions } = await ask(server.url, 'boxes', instances);
    const outputs = (
      network.predict(encode(instances)) as ReturnType<typeof tf.tensor2d>
    ).dataSync();
    predictions.forEach(({ value }, i) => {
      expect(value / Math.exp(outputs[i]! * 2 + 1.5)).toBeCloseTo(1, 4);
    });
    expect(predictions.map((answer) => 'warnings' in answer)).toEqual([false, true]);
    server.child.kill();
    await server.finished;
    const listed = await runMain(['models'], env).finished;
    expect(listed.stdout).toMatch(/boxes +regression +[0-9a-f]{16} +plan +unknown/);
  }, 60_000);
});

describe('data in a charset of its own', () => {
  const MATERIALS = ['liège', 'chêne', 'fer'];
  const ADDED = [1, 10, 100];
  const numbers = tfl.input({ shape: [4], name: 'measures' });
  const network = tfl.model({
    inputs: numbers,
    outputs: tfl.layers.dense({ units: 1, name: 'weight' }).apply(numbers) as never,
  });
  network.setWeights([tf.tensor2d([2, ...ADDED], [4, 1]), tf.zeros([1])]);
  const csv = Array.from({ length: 30 }, (_, i) => {
    const side = String(i / 4).replace('.', ',');
    return `${side};${MATERIALS[i % 3]};${String(i / 2 + ADDED[i % 3]!).replace('.', ',')}\n`;
  }).join('');
  const spec = {
    title: 'Boxes',
    description: 'What a box weighs.',
    task: 'regression',
    features: [
      { name: 'side', kind: 'number' },
      { name: 'material', kind: 'category', categories: MATERIALS },
    ],
    target: { name: 'weight', mean: 0, deviation: 1 },
    encoding: [
      { encode: 'standard', feature: 'side', mean: 0, deviation: 1 },
      { encode: 'oneHot', feature: 'material' },
    ],
  };
  const order = ['--model', at('linear'), '--spec', at('french.json'), '--replace'];
  const importOf = (data: string, ...options: string[]) =>
    runMain(['import', 'french', ...order, '--data', at(data), ...options], env).finished;

  it('is read as --charset names it, else as windows-1252, which is remarked', async () => {
    writeFiles(at('linear'), await filesOf(network));
    const text = `side;material;weight\n${csv}`;
    writeFiles(root, {
      'french.json': JSON.stringify(spec),
      'windows.csv': iconv.encode(text, 'windows-1252'),
      'mac.csv': iconv.encode(text, 'macintosh'),
    });
    const options = ['--delimiter', ';', '--decimal', 'comma', '--json'];
    for (const [data, charset] of [
      ['windows.csv', 'windows-1252'],
      ['mac.csv', 'macintosh'],
    ] as const) {
      const { code, stdout } = await importOf(data, '--charset', charset, ...options);
      expect(code).toBe(0);
      const { card } = JSON.parse(stdout);
      expect(card).toMatchObject({ data: { rows: 30, testRows: 30 } });
      expect(card.metrics.test.mae).toBeLessThan(1e-4);
    }
    const unnamed = await importOf('windows.csv');
    expect([unnamed.code, unnamed.stdout]).toEqual([
      0,
      expect.stringMatching(/data: .*is read as windows-1252; --charset names another/),
    ]);
    expect(await importOf('mac.csv')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^unsupported_charset: .*line 2: .*--charset NAME/),
    });
    expect(await importOf('mac.csv', '--charset', 'klingon')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/klingon/),
    });
  }, 60_000);
});

it('import --help shows an example, and what cannot be taken', async () => {
  const { code, stdout } = await runMain(['import', '--help']).finished;
  expect(code).toBe(0);
  for (const part of ['npx lapidary import boxes', 'docs/import.md', 'not a graph model'])
    expect(stdout).toContain(part);
});
