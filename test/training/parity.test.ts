import { describe, expect, it, test } from '@jest/globals';
import { parseForeignSpec } from '../../src/training/import/spec.js';
import { checkParity } from '../../src/training/parity.js';
import { SPEC } from './import/world.js';

const regression = parseForeignSpec(SPEC, 'boxes');
const target = { name: 'kind', classes: ['a', 'b'] };
const classification = parseForeignSpec({ ...SPEC, task: 'classification', target }, 'boxes');
const check = (task: typeof regression, expected: number[], actual: number[]) => () =>
  checkParity(task, Float32Array.from(expected), Float32Array.from(actual));

describe('parity', () => {
  it('is the largest relative difference, of what is not negligible', () => {
    expect(check(regression, [100, 200], [100, 200.001])()).toBeCloseTo(5e-6, 7);
    expect(check(regression, [100, 0], [100, 1e-7])()).toBeLessThan(1e-5);
    expect(check(regression, [100, 0.01], [100, 0.01 + 3e-5])()).toBeLessThan(1e-5);
    expect(check(classification, [1, 1e-12], [1, 9e-12])()).toBeLessThan(1e-5);
  });

  test.each([
    ['another value', regression, [100, 200], [100, 201]],
    ['another value near zero', regression, [100, 0.01], [100, 0.02]],
    ['a value that is no number', regression, [100, 200], [Number.NaN, 200]],
    ['values that are all no numbers', regression, [Number.NaN], [Number.NaN]],
    ['another probability', classification, [0.5, 0.5], [0.49, 0.51]],
  ])('fails on %s', (_what, task, expected, actual) => {
    expect(check(task, expected, actual)).toThrow(
      expect.objectContaining({ code: 'parity_failed' }),
    );
  });
});
