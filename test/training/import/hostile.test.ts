import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { LocalForeignModels } from '../../../src/adapters/local/foreign-models.js';
import { loadTensorFlow } from '../../../src/ml/tensorflow/backend.js';
import { readForeign } from '../../../src/training/import/artifact.js';
import { openForeign } from '../../../src/training/import/network.js';
import { filesOf, writeFiles } from '../../support/layers-model.js';
import { denseModel } from './world.js';

const root = mkdtempSync(join(tmpdir(), 'lapidary-hostile-'));
afterAll(() => rmSync(root, { recursive: true }));

const tensorflow = await loadTensorFlow('wasm');
const sound = await filesOf(denseModel(3, 1));
const soundJson = JSON.parse(Buffer.from(sound['model.json']!).toString());
const [group] = soundJson.weightsManifest;
let directories = 0;

/** Opens a model from files, of which some are made by another hand. */
async function open(json: object, make?: (directory: string) => void): Promise<unknown> {
  const directory = join(root, String(directories++));
  writeFiles(directory, { ...sound, 'model.json': JSON.stringify({ ...soundJson, ...json }) });
  make?.(directory);
  return openForeign(tensorflow, await readForeign(new LocalForeignModels(), directory));
}

const refused = (message: RegExp) => ({
  code: 'invalid_model',
  message: expect.stringMatching(message),
});

describe('a shard of weights', () => {
  const instead = (make: (path: string) => void) => (directory: string) => {
    rmSync(join(directory, 'weights.bin'));
    make(join(directory, 'weights.bin'));
  };
  const shards = (paths: string[]) => ({ weightsManifest: [{ ...group, paths }] });

  test.each([
    ['a link', {}, instead((path) => symlinkSync('model.json', path)), /it is a link/],
    ['a link to a device', {}, instead((path) => symlinkSync('/dev/zero', path)), /it is a link/],
    ['a pipe', {}, instead((path) => execFileSync('mkfifo', [path])), /not a regular file/],
    ['a directory', {}, instead((path) => writeFiles(path, {})), /not a regular file/],
    [
      'too long',
      {},
      instead((path) => execFileSync('truncate', ['-s9G', path])),
      /9663676416 bytes/,
    ],
    ['outside', shards(['../0/weights.bin']), undefined, /not in its directory/],
    ['absolute', shards(['/dev/zero']), undefined, /not in its directory/],
    [
      'behind a linked directory',
      shards(['up/dev/zero']),
      (directory: string) => symlinkSync('/', join(directory, 'up')),
      /not in its directory/,
    ],
    ['named twice', shards(['weights.bin', 'weights.bin']), undefined, /twice/],
    [
      'named a million times',
      shards(Array(1e6).fill('weights.bin')),
      undefined,
      /more than 500000 values/,
    ],
  ])('may not be %s', async (_what, json, make, message) => {
    await expect(open(json, make)).rejects.toMatchObject(refused(message));
  });
});

describe('a topology', () => {
  const chain = (...layers: [className: string, config: object][]) => ({
    modelTopology: {
      class_name: 'Sequential',
      config: {
        layers: layers.map(([class_name, config], i) => ({
          class_name,
          config: { name: `l${i}`, ...(i === 0 && { batch_input_shape: [null, 3] }), ...config },
        })),
      },
    },
  });
  const functional = (...layers: [name: string, calls: unknown[]][]) => ({
    modelTopology: {
      class_name: 'Model',
      config: {
        name: 'm',
        layers: layers.map(([name, inbound_nodes]) => ({
          class_name: inbound_nodes.length === 0 ? 'InputLayer' : 'Activation',
          name,
          config: { name, activation: 'relu', batch_input_shape: [null, 3] },
          inbound_nodes,
        })),
        input_layers: [['in', 0, 0]],
        output_layers: [['b', 0, 0]],
      },
    },
  });
  const call = (name: string) => [[name, 0, 0, {}]];
  const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
  const upsampled = { batch_input_shape: [null, 1, 1, 1], size: [20_000, 20_000] };
  const names = Array.from({ length: 3000 }, (_, i) => `n${i}`);

  test.each([
    ['that repeats 2 billion times', chain(['RepeatVector', { n: 2e9 }]), /computes 6000000000/],
    [
      'that repeats more than can be counted',
      chain(['RepeatVector', { n: 1e308 }]),
      /more than 16777216/,
    ],
    ['that enlarges 400 million times', chain(['UpSampling2D', upsampled]), /computes 400000000/],
    ['of more weights than files', chain(['Dense', { units: 1e9 }]), /more weights than its files/],
    ['of a huge table', chain(['Embedding', { input_dim: 1e9, output_dim: 9 }]), /more weights/],
    [
      'of steps without end',
      chain(['RepeatVector', { n: 5e6 }], ['SimpleRNN', { units: 1, use_bias: false }]),
      /multiplications|more weights/,
    ],
    [
      'that waits for itself',
      functional(['in', []], ['a', [call('b')]], ['b', [call('a')]]),
      /layer a depends on itself/,
    ],
    ['that waits for what is missing', functional(['in', []], ['b', [call('x')]]), /missing/],
    [
      'of too many layers',
      functional(['in', []], ...names.map((n) => [n, [call('in')]] as [string, unknown[]])),
      /more than 2000 layers/,
    ],
    ['nested deep', { modelTopology: { model_config: nested(1000) } }, /nested deeper than 100/],
    [
      'whose weights are huge',
      {
        weightsManifest: [{ ...group, weights: [{ name: 'w', shape: [1e15], dtype: 'float32' }] }],
      },
      /lists 1000000000000000 weights/,
    ],
    [
      'whose weights are beyond counting',
      {
        weightsManifest: [
          { ...group, weights: [{ name: 'w', shape: [1e300, 1e300, 0], dtype: 'float32' }] },
        ],
      },
      /weights/,
    ],
  ])('%s is refused before it is put together', async (_what, json, message) => {
    await expect(open(json)).rejects.toMatchObject(refused(message));
  });

  test('that is sound opens, also after the others', async () => {
    await expect(open({})).resolves.toBeDefined();
  });
});
