import { describe, expect, it } from '@jest/globals';
import { Encoder } from '../../../src/ml/encoding/encoder.js';
import type { EncodingStep } from '../../../src/ml/spec.js';
import { blockOf, encodeRow, fitEncoding, type Row, specOf } from './shapes.js';

const { E } = Math;

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  // Inputs are float32.
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 5);
  });
}

describe('a standardised number', () => {
  // Mean 4, deviation √5.
  const rows = [1, 3, 5, 7].map((width) => ({ width }));
  const standard: EncodingStep = { encode: 'standard', feature: 'width' };

  it.each([
    [4, 0],
    [4 + 2 * Math.sqrt(5), 2],
    [4 - Math.sqrt(5), -1],
  ])('%d is that many deviations from the mean', (width, expected) => {
    expectClose(encodeRow([standard], rows, { width }), [expected]);
  });

  it('is bounded, by 5 deviations unless the spec says otherwise', () => {
    expectClose(encodeRow([standard], rows, { width: 1e6 }), [5]);
    expectClose(encodeRow([{ ...standard, clip: 1.5 }], rows, { width: -1e6 }), [-1.5]);
  });

  it('is the median where it is missing, and does not count in the fit', () => {
    // 1, 4 and 10 have median 4, mean 5 and variance 14.
    const holed = [1, Number.NaN, 10, 4].map((width) => ({ width }));
    const expected = (4 - 5) / Math.sqrt(14);
    expectClose(encodeRow([standard], holed, { width: Number.NaN }), [expected]);
  });

  it('that never varied is 0', () => {
    expectClose(encodeRow([standard], [{ width: 3 }, { width: 3 }], { width: 3 }), [0]);
  });
});

describe('the logarithm of a product of powers', () => {
  // ln(width / height) is 1 and 3: mean 2, deviation 1, median 2.
  const rows = [
    { width: E ** 2, height: E },
    { width: E ** 4, height: E },
  ];
  const log: EncodingStep = { encode: 'log', powers: { width: 1, height: -1 } };

  it('is standardised', () => {
    expectClose(encodeRow([log], rows, { width: E ** 4, height: E ** 0.5 }), [1.5]);
  });

  it('heeds every exponent', () => {
    // 2 ln(width) - ln(height) / 2 is 3.5 and 7.5: mean 5.5, deviation 2.
    const powers: EncodingStep = { encode: 'log', powers: { width: 2, height: -0.5 } };
    expectClose(encodeRow([powers], rows, { width: E ** 3, height: E ** 2 }), [-0.25]);
  });

  it.each([
    ['missing', { width: Number.NaN, height: 1 }],
    ['0', { width: 5, height: 0 }],
    ['below 0', { width: -5, height: 1 }],
  ])('is the median where a value is %s', (_what, row) => {
    expectClose(encodeRow([log], rows, row), [0]);
  });

  it('is bounded', () => {
    expectClose(encodeRow([{ ...log, clip: 3 }], rows, { width: 1e9 }), [3]);
  });
});

describe('a piecewise number', () => {
  const rows = [{ width: 1 }, { width: 6 }, { width: 7 }];
  const piecewise: EncodingStep = { encode: 'piecewise', feature: 'width', knots: [0, 2, 10] };

  it.each([
    [-5, [0, 0]],
    [1, [0.5, 0]],
    [2, [1, 0]],
    [4, [1, 0.25]],
    [10, [1, 1]],
    [99, [1, 1]],
    [Number.NaN, [1, 0.5]],
  ])('%d fills the intervals below it', (width, expected) => {
    expectClose(encodeRow([piecewise], rows, { width }), expected);
  });
});

describe('a category', () => {
  it('is 1 in its own column', () => {
    const oneHot: EncodingStep = { encode: 'oneHot', feature: 'kind' };
    expect(encodeRow([oneHot], [{}], { kind: 0 })).toEqual([1, 0, 0]);
    expect(encodeRow([oneHot], [{}], { kind: 2 })).toEqual([0, 0, 1]);
  });

  it('that is unknown is in no column', () => {
    const oneHot: EncodingStep = { encode: 'oneHot', feature: 'kind' };
    expect(encodeRow([oneHot], [{}], { kind: 3 })).toEqual([0, 0, 0]);
  });

  it('that is embedded is its index, behind all numbers whatever the order of the spec', () => {
    const spec = specOf(
      { encode: 'embedding', feature: 'kind', size: 4 },
      { encode: 'piecewise', feature: 'width', knots: [0, 2, 4] },
    );
    const rows = blockOf([{ width: 3, kind: 2 }]);
    const encoder = new Encoder(spec, fitEncoding(spec, rows));
    expect([...encoder.encodeRows(rows)]).toEqual([1, 0.5, 2]);
    expect(encoder).toMatchObject({
      dense: 2,
      width: 3,
      embeddings: [{ feature: 'kind', categories: 3, size: 4 }],
    });
  });
});

describe('a moment', () => {
  const at = (period: 'day' | 'week' | 'year', moment: string) =>
    encodeRow([{ encode: 'cyclic', feature: 'cut', period }], [{}], { cut: Date.parse(moment) });

  it.each([
    ['day', '2026-07-14T00:00Z', [0, 1]],
    ['day', '2026-07-14T06:00Z', [1, 0]],
    ['day', '2026-07-14T12:00Z', [0, -1]],
    ['day', '1969-07-20T18:00Z', [-1, 0]],
    ['week', '2026-01-01T00:00Z', [0, 1]],
    ['week', '2026-01-04T12:00Z', [0, -1]],
    ['year', '1970-01-01T00:00Z', [0, 1]],
    ['year', '1970-07-02T14:54:36Z', [0, -1]],
  ] as const)('goes round its %s: %s', (period, moment, expected) => {
    expectClose(at(period, moment), expected);
  });
});

describe('several waves of a moment', () => {
  const cyclic: EncodingStep = { encode: 'cyclic', feature: 'cut', period: 'day', harmonics: 2 };

  it('go round once and twice', () => {
    expectClose(encodeRow([cyclic], [{}], { cut: Date.parse('2026-01-01T06:00Z') }), [1, 0, 0, -1]);
  });

  it('are 0 where it is missing', () => {
    expect(encodeRow([cyclic], [{}], { cut: Number.NaN })).toEqual([0, 0, 0, 0]);
  });
});

describe('what is missing', () => {
  it.each([
    [{ encode: 'missing', feature: 'width' } as const, { width: Number.NaN }, 1],
    [{ encode: 'missing', feature: 'width' } as const, { width: 0 }, 0],
    [{ encode: 'missing', feature: 'kind' } as const, { kind: 3 }, 1],
    [{ encode: 'missing', feature: 'kind' } as const, { kind: 2 }, 0],
  ])('%j of %j is marked by %d', (step, row, expected) => {
    expect(encodeRow([step], [{}], row)).toEqual([expected]);
  });
});

describe('rows of a block', () => {
  it('are encoded one after another, with what was fitted to the training rows', () => {
    const spec = specOf(
      { encode: 'standard', feature: 'width' },
      { encode: 'oneHot', feature: 'kind' },
    );
    const training: Partial<Row>[] = [{ width: 2 }, { width: 4 }];
    const encoder = new Encoder(spec, fitEncoding(spec, blockOf(training)));
    const rows = blockOf([{ width: 4, kind: 1 }, { width: 7 }]);
    expect([...encoder.encodeRows(rows)]).toEqual([1, 0, 1, 0, 4, 1, 0, 0]);
  });
});
