import { describe, expect, it } from '@jest/globals';
import type { Spec } from '../../../src/ml/spec.js';
import { decodeTarget, encodeTarget } from '../../../src/ml/target.js';
import { blockOf, fitEncoding, specOf } from './shapes.js';

const STANDARD = { encode: 'standard', feature: 'width' } as const;
const ONE_HOT = { encode: 'oneHot', feature: 'kind' } as const;

describe('a fitted encoding', () => {
  it('remembers the range of every number and moment, not of what was missing', () => {
    const rows = blockOf([
      { width: 3, height: 5 },
      { width: Number.NaN, height: -1 },
      { width: 2, height: 8 },
    ]);
    expect(fitEncoding(specOf(ONE_HOT), rows).ranges).toEqual({
      width: [2, 3],
      height: [-1, 8],
      cut: [0, 0],
    });
  });

  it('keeps each step of the spec beside what it learnt', () => {
    const rows = blockOf([{ width: 1 }, { width: 2 }, { width: 6 }]);
    const { steps } = fitEncoding(specOf(ONE_HOT, { ...STANDARD, clip: 2 }), rows);
    expect(steps).toEqual([
      ONE_HOT,
      {
        ...STANDARD,
        clip: 2,
        mean: 3,
        deviation: expect.closeTo(Math.sqrt(14 / 3), 12),
        fill: 2,
      },
    ]);
  });

  it('takes the mean of the two in the middle for the median of an even number', () => {
    const rows = blockOf([{ width: 10 }, { width: 9 }, { width: 1 }, { width: 100 }]);
    expect(fitEncoding(specOf(STANDARD), rows).steps[0]).toMatchObject({ fill: 9.5 });
  });

  it.each([
    ['is missing everywhere', STANDARD, 'width'],
    ['has no logarithm anywhere', { encode: 'log', powers: { height: 1 } } as const, 'height'],
  ])('is refused when a number %s', (_what, step, feature) => {
    const rows = blockOf([{ [feature]: feature === 'width' ? Number.NaN : 0 }]);
    expect(() => fitEncoding(specOf(step), rows)).toThrow(
      expect.objectContaining({
        code: 'invalid_dataset',
        message: `${feature}: no row has a usable value`,
      }),
    );
  });
});

describe('a target', () => {
  const prices = blockOf([{ price: Math.E }, { price: Math.E ** 3 }]);
  const withLog: Spec = { ...specOf(ONE_HOT), target: { name: 'price', transform: 'log' } };

  it('is standardised', () => {
    const spec = specOf(ONE_HOT);
    const encoding = fitEncoding(spec, blockOf([{ price: 10 }, { price: 30 }]));
    expect(encoding.target).toEqual({ mean: 20, deviation: 10 });
    expect(encodeTarget(spec, encoding, 35)).toBe(1.5);
    expect(decodeTarget(spec, encoding, 1.5)).toBe(35);
  });

  it('is transformed before', () => {
    const encoding = fitEncoding(withLog, prices);
    expect(encoding.target.mean).toBeCloseTo(2, 12);
    expect(encoding.target.deviation).toBeCloseTo(1, 12);
    expect(encodeTarget(withLog, encoding, Math.E ** 4)).toBeCloseTo(2, 12);
    expect(decodeTarget(withLog, encoding, 2)).toBeCloseTo(Math.E ** 4, 9);
  });
});
