import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Fault } from '../../../src/core/errors.js';
import { Encoder } from '../../../src/ml/encoding/encoder.js';
import { InstanceReader } from '../../../src/ml/encoding/instance.js';
import type { Spec } from '../../../src/ml/spec.js';
import { instanceAt } from '../../../src/rows/open.js';
import { blockOf, fitEncoding, KINDS, type Row, specOf } from './shapes.js';

const SPEC = specOf(
  { encode: 'embedding', feature: 'kind', size: 2 },
  { encode: 'standard', feature: 'height' },
  { encode: 'log', powers: { width: 1, height: -0.5 } },
  { encode: 'piecewise', feature: 'width', knots: [0, 1, 100] },
  { encode: 'oneHot', feature: 'kind' },
  { encode: 'cyclic', feature: 'cut', period: 'week' },
);
const INSTANCE = { width: 2, height: 3, kind: 'oval', cut: '2026-01-31T08:30:00Z' };

function read(instance: unknown, ranges: Record<string, [number, number]> = {}) {
  const reader = new InstanceReader(SPEC, ranges);
  const values = new Float64Array(reader.size);
  const faults: Fault[] = [];
  reader.read(instance, 0, values, faults);
  return { values: [...values], faults, warnings: reader.warnings(values, instance) };
}

describe('an instance', () => {
  it('is read to numbers in the order of the spec', () => {
    const { values, faults } = read(INSTANCE);
    expect(values).toEqual([2, 3, 1, Date.UTC(2026, 0, 31, 8, 30)]);
    expect(faults).toEqual([]);
  });

  it('is encoded as the same row of a dataset is', () => {
    const measure = fc.double({ min: 0.001, max: 1e6, noNaN: true });
    const row: fc.Arbitrary<Row> = fc.record({
      width: fc.oneof(measure, fc.constant(Number.NaN)),
      height: measure,
      kind: fc.nat(KINDS.length - 1),
      cut: fc.integer({ min: Date.UTC(1900), max: Date.UTC(2100) }),
      price: measure,
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
        const block = blockOf([...rows, { width: 1 }]);
        const encoding = fitEncoding(SPEC, block);
        const encoder = new Encoder(SPEC, encoding);
        const expected = encoder.encodeRows(block);
        const actual = new Float32Array(expected.length);
        for (let i = 0; i < block.count; i++) {
          const instance = JSON.parse(JSON.stringify(instanceAt(SPEC, block, i)));
          const { values, faults } = read(instance, encoding.ranges as never);
          expect(faults).toEqual([]);
          encoder.encode(Float64Array.from(values), actual, i * encoder.width);
        }
        expect(actual).toEqual(expected);
        expect(actual.every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it.each([
    ['an unknown category', { kind: 'square' }, 'kind', 'unknown_category'],
    ['a category of another case', { kind: 'Oval' }, 'kind', 'unknown_category'],
    ['the index of a category', { kind: 1 }, 'kind', 'wrong_type'],
    ['text that is not a number', { width: 'two' }, 'width', 'wrong_type'],
    ['a value below the minimum', { height: -1 }, 'height', 'out_of_range'],
    ['an infinite value', { width: Number.POSITIVE_INFINITY }, 'width', 'out_of_range'],
    ['no number', { width: Number.NaN }, 'width', 'out_of_range'],
    ['null where nothing may be missing', { height: null }, 'height', 'wrong_type'],
    ['a moment as a number', { cut: 0 }, 'cut', 'wrong_type'],
    ['a feature left out', { cut: undefined }, 'cut', 'missing_field'],
    ['a field too many', { depth: 1 }, 'depth', 'unknown_field'],
  ])('with %s is at fault', (_what, change, field, code) => {
    const { faults } = read({ ...INSTANCE, ...change });
    expect(faults).toContainEqual(expect.objectContaining({ instance: 0, field, code }));
  });

  it('with an unknown category learns which there are', () => {
    const [fault] = read({ ...INSTANCE, kind: 'square' }).faults;
    expect(fault).toMatchObject({
      message: '"square" is not one of its categories',
      allowed: KINDS,
    });
  });

  it.each([[[]], [null], ['oval'], [3]])('that is %j is at fault itself', (instance) => {
    expect(read(instance).faults).toMatchObject([{ instance: 0, code: 'wrong_type' }]);
  });
});

describe('a feature whose name every object inherits', () => {
  const spec: Spec = {
    ...SPEC,
    features: [
      { name: 'constructor', kind: 'category', categories: KINDS },
      { name: 'toString', kind: 'number' },
    ],
  };
  const reader = new InstanceReader(spec, { toString: [0, 1] as const } as never);
  const values = new Float64Array(2);

  it('is read and warned about as any other', () => {
    const faults: Fault[] = [];
    const instance = { constructor: 'pear', toString: 2 };
    reader.read(instance, 0, values, faults);
    expect([[...values], faults]).toEqual([[2, 2], []]);
    expect(reader.warnings(values, instance)).toMatchObject([{ field: 'toString' }]);
  });

  it('is missing from an instance without it', () => {
    const faults: Fault[] = [];
    reader.read({}, 0, values, faults);
    expect(faults.map(({ field, code }) => [field, code])).toEqual([
      ['constructor', 'missing_field'],
      ['toString', 'missing_field'],
    ]);
  });
});

describe('a moment', () => {
  it.each([
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T08:30', '2026-01-31T08:30:00.000Z'],
    ['2026-01-31T08:30:15.250', '2026-01-31T08:30:15.250Z'],
    ['2026-01-31T08:30:00+02:00', '2026-01-31T06:30:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('%s is %s wherever the machine stands', (cut, expected) => {
    const { values, faults } = read({ ...INSTANCE, cut });
    expect(faults).toEqual([]);
    expect(new Date(values[3]!).toISOString()).toBe(expected);
  });

  it.each(['today', '2026-13-01', '2026-01-31T25:00Z', '2026-02-30', '2025-02-29T12:00Z'])(
    '%j is none',
    (cut) => {
      expect(read({ ...INSTANCE, cut }).faults).toMatchObject([
        { field: 'cut', code: 'invalid_datetime' },
      ]);
    },
  );
});

describe('a warning', () => {
  const RANGES: Record<string, [number, number]> = { width: [1, 4], height: [0, 3] };

  it('is not given within the range in training, its ends included', () => {
    expect(read(INSTANCE, RANGES).warnings).toBeUndefined();
    expect(read({ ...INSTANCE, width: 4 }, RANGES).warnings).toBeUndefined();
  });

  it.each([0.5, 4.5])('is given for a value outside of it: %d', (width) => {
    expect(read({ ...INSTANCE, width }, RANGES).warnings).toEqual([
      {
        field: 'width',
        code: 'outside_training_range',
        message: `${width} is outside the range in training, 1 to 4`,
      },
    ]);
  });

  it('writes a moment outside of it as one', () => {
    const days: Record<string, [number, number]> = { cut: [0, 86_400_000] };
    expect(read({ ...INSTANCE, cut: '2026-01-31' }, days).warnings).toMatchObject([
      {
        field: 'cut',
        message:
          '2026-01-31T00:00:00.000Z is outside the range in training, 1970-01-01T00:00:00.000Z to 1970-01-02T00:00:00.000Z',
      },
    ]);
  });

  it.each([0, null])('is given for a value that is missing: %j', (width) => {
    expect(read({ ...INSTANCE, width, height: 9 }, RANGES).warnings).toMatchObject([
      { field: 'width', code: 'missing_value' },
      { field: 'height', code: 'outside_training_range' },
    ]);
  });
});
