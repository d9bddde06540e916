import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Encoder } from '../../src/ml/encoding/encoder.js';
import type { Answer } from '../../src/ml/model.js';
import { buildNetwork, runNetwork } from '../../src/ml/network.js';
import { parseSpec } from '../../src/ml/parse-spec.js';
import { compilePlan, runAll } from '../../src/ml/plan/plan.js';
import { PlanModel } from '../../src/ml/plan-model.js';
import type { RowBlock } from '../../src/ml/rows.js';
import { classesOf, type TrainableSpec } from '../../src/ml/spec.js';
import { loadTensorFlow } from '../../src/ml/tensorflow/backend.js';
import { toArtifact } from '../../src/ml/weights.js';
import { instanceAt } from '../../src/rows/open.js';
import { fitEncoding } from './encoding/shapes.js';
import { randomise } from './plan/networks.js';
import { rowsOf, specs } from './specs.js';

const TOLERANCE = 1e-5;
const tensorflow = await loadTensorFlow('wasm');
const rowCounts = fc.constantFrom(1, 2, 3, 5, 8, 70);

/** A version of a spec with random weights, and what TensorFlow.js makes of the rows. */
function versionOf(spec: TrainableSpec, rows: RowBlock, seed: number) {
  const encoding = fitEncoding(spec, rows);
  const encoder = new Encoder(spec, encoding);
  const members = Array.from({ length: spec.network.members }, (_, member) => member);
  const network = randomise(buildNetwork(tensorflow, spec, encoder, members), seed);
  const inputs = encoder.encodeRows(rows);
  const expected = runNetwork(tensorflow, network, encoder, inputs);
  // As it comes out of its file.
  const plan = compilePlan(structuredClone(toArtifact(network)));
  network.dispose();
  return { plan, inputs, expected, model: new PlanModel(spec, encoding, plan) };
}

/** The numbers of an answer, in the order that rows have them. */
const numbersOf = (spec: TrainableSpec, { value, probabilities }: Answer): number[] =>
  value === undefined ? classesOf(spec).map((name) => probabilities![name]!) : [value];

describe('any spec, with any weights', () => {
  it('compiles to a plan that gives what TensorFlow.js gives', () => {
    const any = fc.property(specs, rowCounts, fc.nat(), (spec, count, seed) => {
      expect(parseSpec(spec)).toBe(spec);
      const { plan, inputs, expected } = versionOf(spec, rowsOf(spec, count, seed), seed);
      const actual = runAll(plan, inputs);
      expect(actual).toHaveLength(count * (classesOf(spec).length || 1));
      expect(actual).toHaveLength(expected.length);
      const scale = Math.max(1, ...expected.map(Math.abs));
      actual.forEach((value, i) => {
        expect(Math.abs(value - expected[i]!) / scale).toBeLessThan(TOLERANCE);
      });
    });
    fc.assert(any, { seed: 3, numRuns: 100 });
  });

  it('answers instances as it answers the rows that they are', () => {
    const any = fc.property(specs, rowCounts, fc.nat(), (spec, count, seed) => {
      const rows = rowsOf(spec, count, seed);
      const { model } = versionOf(spec, rows, seed);
      const fromRows = model.predictRows(rows.values, count);
      const instances = Array.from({ length: count }, (_, row) =>
        JSON.parse(JSON.stringify(instanceAt(spec, rows, row))),
      );
      const answers = model.predict(instances);
      expect(answers.flatMap((answer) => numbersOf(spec, answer))).toEqual([...fromRows]);
    });
    fc.assert(any, { seed: 4, numRuns: 60 });
  });

  it('gives probabilities that add up to 1, and the most probable class as the label', () => {
    const classifications = specs.filter(({ task }) => task === 'classification');
    const any = fc.property(classifications, fc.nat(), (spec, seed) => {
      const rows = rowsOf(spec, 5, seed);
      const { model } = versionOf(spec, rows, seed);
      const instances = [0, 1, 2, 3, 4].map((row) => instanceAt(spec, rows, row));
      for (const answer of model.predict(instances)) {
        const probabilities = numbersOf(spec, answer);
        expect(probabilities.reduce((sum, p) => sum + p)).toBeCloseTo(1, 5);
        expect(answer.probabilities![answer.label!]).toBe(Math.max(...probabilities));
      }
    });
    fc.assert(any, { seed: 5, numRuns: 20 });
  });
});
