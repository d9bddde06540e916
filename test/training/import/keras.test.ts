import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { LocalForeignModels } from '../../../src/adapters/local/foreign-models.js';
import { runAll } from '../../../src/ml/plan/plan.js';
import { loadTensorFlow } from '../../../src/ml/tensorflow/backend.js';
import { tensorFlowPlan } from '../../../src/ml/tensorflow/plan.js';
import { toArtifact } from '../../../src/ml/weights.js';
import { readForeign } from '../../../src/training/import/artifact.js';
import { namesOf, openForeign } from '../../../src/training/import/network.js';
import { type Proof, provePlan } from '../../../src/training/parity.js';

/** Models that Keras saved and tensorflowjs_converter 4.22.0 converted, with what Keras answers to a few rows. */
const fixture = (name: string) => `test/fixtures/keras/${name}`;

interface Answers {
  inputs: { name: string; values: number[][] }[];
  outputs: number[][];
}

const UNCHANGED = { spec: { task: 'classification' }, encoding: {} } as never;
const tensorflow = await loadTensorFlow('wasm');
const open = async (name: string) =>
  openForeign(tensorflow, await readForeign(new LocalForeignModels(), fixture(name)));

async function run(name: string): Promise<{ proof: Proof; worst: number }> {
  const { inputs, outputs } = JSON.parse(
    readFileSync(`${fixture(name)}/answers.json`, 'utf8'),
  ) as Answers;
  const network = await open(name);
  const ordered = namesOf(network.inputs).map(
    (input, i) => inputs.find((each) => each.name === input) ?? inputs[i]!,
  );
  const rows = outputs.flatMap((_, row) => ordered.flatMap(({ values }) => values[row]!));
  const answer = (given: Float32Array) => runAll(tensorFlowPlan(tensorflow, network), given);
  const proof = provePlan(UNCHANGED, toArtifact(network), Float32Array.from(rows), answer);
  const actual = proof.plan
    ? runAll(proof.plan, Float32Array.from(rows))
    : answer(Float32Array.from(rows));
  const worst = Math.max(...outputs.flat().map((output, i) => Math.abs(output - actual[i]!)));
  return { proof, worst };
}

describe('a model of Keras answers as it did there', () => {
  test.each([
    ['with a normalised convolution, whose axis is a list', 'keras2-conv-bn'],
    ['with a model inside', 'keras2-nest-seq-in-seq'],
    ['with a separable convolution', 'keras2-separable'],
    ['with regularisers and constraints', 'keras2-actreg'],
    ['of Keras 3 with several inputs', 'keras3-multi'],
    ['of Keras 3 with a model inside, called twice', 'keras3-nest-fn-twice'],
    ['of Keras 3 with a negative slope', 'keras3-leaky'],
    ['of Keras 3 with a depthwise convolution', 'keras3-depthwise'],
  ])('%s, by the compiled plan', async (_what, name) => {
    const { proof, worst } = await run(name);
    expect(proof).toMatchObject({ plan: expect.anything() });
    expect(worst).toBeLessThan(1e-5);
  });

  test('with several filters for a channel, by TensorFlow.js', async () => {
    const { proof, worst } = await run('keras2-depthwise-m2');
    expect(proof.fallback).toMatch(/several filters for a channel/);
    expect(worst).toBeLessThan(1e-5);
  });
});

describe('a model of Keras is refused where TensorFlow.js would compute another formula', () => {
  test.each([
    ['keras3-relu-slope', /ignores negative_slope, which layer re_lu \(ReLU\) has as 0.3/],
    ['keras3-upsample-bilinear', /ignores interpolation/],
    ['keras2-embed-maskflat', /averages masked steps/],
  ])('%s', async (name, message) => {
    await expect(open(name)).rejects.toMatchObject({
      code: 'invalid_model',
      message: expect.stringMatching(message),
    });
  });
});
