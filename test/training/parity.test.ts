import { describe, expect, it, test } from '@jest/globals';
import { parseForeignSpec } from '../../src/training/import/spec.js';
import { compare, isAlike } from '../../src/training/parity.js';
import { SPEC } from './import/world.js';

const regression = parseForeignSpec(SPEC, 'boxes');
const target = { name: 'kind', classes: ['a', 'b'] };
const classification = parseForeignSpec({ ...SPEC, task: 'classification', target }, 'boxes');
const NOT_A_NUMBER = Number.NaN;

type Case = [what: string, task: typeof regression, truth: number[], plan: number[], tf: number[]];
const judge = (task: typeof regression, ...[truth, plan, tf]: number[][]) =>
  isAlike(
    compare(
      task,
      truth!.length,
      Float64Array.from(truth!),
      Float32Array.from(plan!),
      Float32Array.from(tf!),
    ),
  );

describe('parity', () => {
  it('measures both errors by the root mean square of the answers', () => {
    const parity = compare(
      regression,
      2,
      Float64Array.from([300, 400]),
      Float32Array.from([300, 400.5]),
      Float32Array.from([299, 400]),
    );
    const scale = Math.sqrt((300 ** 2 + 400 ** 2) / 2);
    expect(parity.planError).toBeCloseTo(0.5 / scale, 12);
    expect(parity.tensorflowError).toBeCloseTo(1 / scale, 12);
  });

  test.each<Case>([
    ['as exact as TensorFlow.js', regression, [100, 200], [100, 200.001], [100, 200.0005]],
    ['off by roundings where TensorFlow.js is not', regression, [1000], [1000.0005], [1000]],
    ['off in an answer near 0, as terms cancel', regression, [1000, 0], [1000, 0.0005], [1000, 0]],
    ['right about answers that are all 0', regression, [0, 0], [0, 0], [0, 0]],
    ['as exact in probabilities', classification, [1, 0], [1, 2e-6], [1, 1e-6]],
  ])('is there where the plan is %s', (_what, ...given) => {
    expect(judge(...given)).toBe(true);
  });

  test.each<Case>([
    ['five times less exact', regression, [100, 200], [100, 200.01], [100, 200.002]],
    ['wrong', regression, [100, 200], [100, 201], [100, 200]],
    ['wrong where another answer is large', regression, [1000, 0], [1000, 1], [1000, 0]],
    ['no number', regression, [100, 200], [NOT_A_NUMBER, 200], [100, 200]],
    ['no number, like all', regression, [NOT_A_NUMBER], [NOT_A_NUMBER], [NOT_A_NUMBER]],
    ['of another probability', classification, [0.5, 0.5], [0.49, 0.51], [0.5, 0.5]],
  ])('is missing where the plan is %s', (_what, ...given) => {
    expect(judge(...given)).toBe(false);
  });
});
