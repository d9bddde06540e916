import { describe, expect, it, test } from '@jest/globals';
import type { LapidaryError } from '../../../src/core/errors.js';
import { parseForeignSpec } from '../../../src/training/import/spec.js';
import { SPEC } from './world.js';

function faultsOf(spec: unknown): string[] {
  try {
    parseForeignSpec(spec, 'boxes');
    return [];
  } catch (error) {
    expect((error as LapidaryError).code).toBe('invalid_spec');
    return (error as LapidaryError).faults.map(({ field, message }) => `${field}: ${message}`);
  }
}

const [standard, oneHot] = SPEC.encoding;
const withStep = (step: object) => ({ ...SPEC, encoding: [step, oneHot] });
const withSide = (side: object) => ({ ...SPEC, features: [side, SPEC.features[1]] });

describe('a spec of a model that was trained elsewhere', () => {
  it('has the numbers of its encoding, and needs no hyperparameters', () => {
    const { spec, encoding } = parseForeignSpec(SPEC, 'boxes', 'mass');
    expect(spec).toEqual({
      ...SPEC,
      name: 'boxes',
      target: { name: 'mass' },
      encoding: [{ encode: 'standard', feature: 'side' }, oneHot],
    });
    expect(encoding).toEqual({
      steps: [{ ...standard, clip: Number.MAX_VALUE, fill: 2 }, oneHot],
      ranges: {},
      target: { mean: 0, deviation: 1 },
    });
  });

  it('keeps its clip, fill and ranges', () => {
    const step = { ...standard, clip: 4, fill: 1.5 };
    const { encoding } = parseForeignSpec(
      { ...withStep(step), trainingRanges: { side: [1, 2] } },
      'boxes',
    );
    expect(encoding).toMatchObject({ steps: [step, oneHot], ranges: { side: [1, 2] } });
  });

  test.each([
    ['no numbers', { encode: 'standard', feature: 'side' }, /^\/encoding\/0: .*its mean and dev/],
    ['no mean', { ...standard, mean: undefined }, /^\/encoding\/0: .*needs its mean:/],
    ['no spread', { ...standard, deviation: 0 }, /^\/encoding\/0\/deviation: must be > 0/],
    ['a mean of text', { ...standard, mean: '2' }, /^\/encoding\/0\/mean: must be number/],
    [
      'numbers that a step has no use for',
      { ...oneHot, mean: 1 },
      /^\/encoding\/0\/mean: unknown field/,
    ],
    [
      'no stand-in where a logarithm may be missing',
      { encode: 'log', powers: { side: 1, gone: 0 }, mean: 0, deviation: 1 },
      /unknown feature "gone"/,
    ],
  ])('refuses a step with %s', (_what, step, message) => {
    expect(faultsOf(withStep(step))).toEqual([expect.stringMatching(message)]);
  });

  test.each([
    ['a value that may be missing', standard, { name: 'side', kind: 'number', missing: [0] }],
    [
      'a logarithm of what may be 0',
      { ...standard, encode: 'log', feature: undefined, powers: { side: 1 } },
      { name: 'side', kind: 'number', minimum: 0 },
    ],
    [
      'a piece of a date that may be missing',
      { encode: 'piecewise', feature: 'side', knots: [0, 1] },
      { name: 'side', kind: 'datetime', optional: true },
    ],
  ])('asks what stands in for %s', (_what, step, side) => {
    const clean = JSON.parse(JSON.stringify(step)) as object;
    expect(faultsOf({ ...withStep(clean), features: [side, SPEC.features[1]] })).toEqual([
      expect.stringMatching(/^\/encoding\/0: .*needs its fill:/),
    ]);
    expect(
      faultsOf({ ...withStep({ ...clean, fill: 1 }), features: [side, SPEC.features[1]] }),
    ).toEqual([]);
  });

  test.each([
    ['a regression without a scale', { target: { name: 'weight' } }, /^\/target: .*mean and dev/],
    [
      'classes with a scale',
      { task: 'classification', target: { ...SPEC.target, classes: ['a', 'b'] } },
      /^\/target: classes have no mean/,
    ],
    ['a range of no number', { trainingRanges: { material: [0, 1] } }, /not a number feature/],
    ['a range the wrong way round', { trainingRanges: { side: [2, 1] } }, /ends before it begins/],
    ['a range of one end', { trainingRanges: { side: [2] } }, /^\/trainingRanges\/side/],
    ['inputs that are no names', { inputs: [1] }, /^\/inputs\/0/],
    ['an unknown section', { fitted: {} }, /^\/fitted: unknown field/],
  ])('refuses %s', (_what, changes, message) => {
    expect(faultsOf({ ...SPEC, ...changes })).toEqual([expect.stringMatching(message)]);
  });

  it('refuses tiles, which only training here makes', () => {
    const features = [...SPEC.features, { name: 'moment', kind: 'datetime' }];
    const encoding = [...SPEC.encoding, { encode: 'tiles', along: 'moment', by: [], hours: 1 }];
    expect(() => parseForeignSpec({ ...SPEC, features, encoding }, 'boxes')).toThrow(
      expect.objectContaining({ code: 'invalid_spec', message: expect.stringContaining('tiles') }),
    );
  });

  it('reports all faults at once, and refuses what is not a spec', () => {
    const several = { ...withSide({ name: 'side', kind: 'tall' }), target: { name: 'weight' } };
    expect(faultsOf(several).length).toBeGreaterThan(1);
    for (const none of [null, 1, 'spec', []]) expect(faultsOf(none)).not.toEqual([]);
  });
});
