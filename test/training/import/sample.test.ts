import { describe, expect, it, test } from '@jest/globals';
import { InstanceReader } from '../../../src/ml/encoding/instance.js';
import { instanceAt } from '../../../src/rows/open.js';
import { generateRows } from '../../../src/training/import/sample.js';
import { parseForeignSpec } from '../../../src/training/import/spec.js';
import { columnOf } from '../../ml/records.js';

const scale = { mean: 0, deviation: 1 };
const { spec, encoding } = parseForeignSpec(
  {
    title: 'Everything',
    description: 'A feature of each kind.',
    task: 'regression',
    features: [
      { name: 'seen', kind: 'number', minimum: 0, maximum: 1000 },
      { name: 'scaled', kind: 'number', minimum: 0, maximum: 1000 },
      { name: 'limited', kind: 'number', minimum: 5, maximum: 6 },
      { name: 'logarithmic', kind: 'number', minimum: 1e-9 },
      { name: 'open', kind: 'number', maximum: -5 },
      { name: 'gaps', kind: 'number', missing: [-1] },
      { name: 'category', kind: 'category', categories: ['a', 'b'], unknown: true },
      { name: 'moment', kind: 'datetime', optional: true },
      { name: 'picture', kind: 'image', width: 2, height: 3 },
    ],
    target: { name: 'target', ...scale },
    encoding: [
      { encode: 'standard', feature: 'scaled', mean: 10, deviation: 5 },
      { encode: 'standard', feature: 'limited', ...scale },
      { encode: 'log', powers: { logarithmic: 1 }, ...scale },
      { encode: 'standard', feature: 'gaps', mean: 50, deviation: 1, fill: 50 },
      { encode: 'oneHot', feature: 'category' },
      { encode: 'cyclic', feature: 'moment', period: 'day' },
    ],
    trainingRanges: { seen: [20, 30] },
  },
  'everything',
);
const rows = generateRows(spec, encoding, 500);

describe('rows made up from a spec', () => {
  it('are instances that the model takes, the same each time', () => {
    const reader = new InstanceReader(spec);
    const faults: never[] = [];
    for (let row = 0; row < rows.count; row++)
      reader.read(instanceAt(spec, rows, row), row, new Float64Array(reader.size), faults);
    expect(faults).toEqual([]);
    expect(generateRows(spec, encoding, 500)).toEqual(rows);
  });

  test.each([
    ['seen', 'where training saw it', 20, 30],
    ['scaled', 'three deviations around the mean, within its limits', 0, 25],
    ['limited', 'its limits, where the model takes it as it is', 5, 6],
    ['logarithmic', 'as its logarithm lies', Math.exp(-3), Math.exp(3)],
    ['open', 'its one limit', -5, -5],
    ['gaps', 'some are missing', 47, 53],
    ['category', 'all, and the unknown one', 0, 2],
  ])('%s: %s', (name, _what, low, high) => {
    const values = columnOf(spec, rows, name);
    const known = values.filter((value) => !Number.isNaN(value));
    const [least, most] = [Math.min(...known), Math.max(...known)];
    expect([least >= low, most <= high]).toEqual([true, true]);
    expect(most - least).toBeGreaterThanOrEqual(0.9 * (high - low));
    expect(known.length < values.length).toBe(name === 'gaps');
  });
});
