import { describe, expect, it } from '@jest/globals';
import type { Fault } from '../../src/core/errors.js';
import { checkCsv } from '../../src/datasets/check-csv.js';
import { checkNdjson } from '../../src/datasets/check-ndjson.js';
import { InstanceReader } from '../../src/ml/encoding/instance.js';
import type { Feature, Spec, Target } from '../../src/ml/spec.js';
import { decodeInstances } from '../../src/prediction/protocols/rows.js';
import { openDataset } from '../../src/rows/open.js';
import { specOf } from '../ml/encoding/shapes.js';

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const specWith = (feature: Feature, target: Target = { name: 'y' }): Spec => ({
  ...specOf({ encode: 'missing', feature: 'x' }),
  features: [feature],
  task: target.classes ? 'classification' : 'regression',
  target,
});

const csvOf = (text: string) => `x,y,z\n${quoted(text)},1,-\n`;
const jsonOf = (text: string) => ({ x: text, y: '1' });

/** What a data file of one row has for its feature. */
async function ofFile(spec: Spec, format: 'csv' | 'json', text: string) {
  const content = format === 'csv' ? csvOf(text) : JSON.stringify([jsonOf(text)]);
  const source = { origin: 'file', format, read: () => bytes(content) };
  try {
    for await (const { training, test } of openDataset(source, spec).blocks())
      return [...training.values, ...test.values][0];
  } catch (error) {
    return (error as { faults: Fault[] }).faults[0]!.code;
  }
  return 'nothing';
}

/** What an instance of the API has for its feature. */
function ofInstance(spec: Spec, instance: Record<string, unknown>) {
  const reader = new InstanceReader(spec);
  const values = new Float64Array(1);
  const faults: Fault[] = [];
  reader.read(instance, 0, values, faults);
  return faults[0]?.code ?? values[0];
}

async function ofBatch(spec: Spec, format: 'csv' | 'ndjson', text: string) {
  const content = format === 'csv' ? csvOf(text) : `${JSON.stringify(jsonOf(text))}\n`;
  const { features, target } = spec;
  const check = format === 'csv' ? checkCsv : checkNdjson;
  for await (const { good, bad } of check(bytes(content), { features, target }, () => {}))
    if (good + bad.length > 0) return bad[0]?.faults[0]?.code ?? 'good';
  return 'nothing';
}

const number: Feature = { name: 'x', kind: 'number', missing: [] };
const category: Feature = { name: 'x', kind: 'category', categories: ['a', 'None', 'b'] };
const datetime: Feature = { name: 'x', kind: 'datetime', optional: true };
const NUMBERS: Feature = { name: 'x', kind: 'category', categories: ['0', '1.0', '2'] };
const CODES: Feature = { name: 'x', kind: 'category', categories: ['0123', '1234'] };

describe('a text', () => {
  it.each<[string, Feature, number | string]>([
    ['12.5', number, 12.5],
    ['1,234.50', number, 1234.5],
    ['12,5', number, 12.5],
    ['\u22123', number, -3],
    ['$5', number, 'wrong_type'],
    ['$5', { ...number, unit: '$' }, 5],
    ['5 kg', { ...number, unit: '$' }, 'wrong_type'],
    ['49.000', number, 49],
    ['49.000', { ...number, decimal: 'comma' }, 49_000],
    ['', number, Number.NaN],
    ['NA', number, Number.NaN],
    ['-', number, Number.NaN],
    ['<5', number, 'wrong_type'],
    ['<5', { ...number, missing: ['<5'] }, Number.NaN],
    ['-999', { ...number, missing: ['-999'] }, Number.NaN],
    ['0x10', number, 'wrong_type'],
    ['0xc', number, 'wrong_type'],
    ['1e', number, 'wrong_type'],
    ['12abc', number, 'wrong_type'],
    ['1.5D+03', number, 1500],
    ['10k', number, 10_000],
    ['10k', { ...number, unit: 'k' }, 10],
    ['\uff15', number, 5],
    ['5\u200b', number, 5],
    ['0xc', { ...number, otherText: 'missing' }, Number.NaN],
    ['a\u200b', category, 0],
    ['\ufeffa', category, 0],
    ['soon', { ...datetime, otherText: 'missing' }, Number.NaN],
    ['1e400', number, 'wrong_type'],
    ['NA', { name: 'x', kind: 'number' }, 'wrong_type'],
    ['a', category, 0],
    [' a ', category, 0],
    ['None', category, 1],
    ['A', category, 'unknown_category'],
    ['', { ...category, unknown: true }, 3],
    ['n/a', { ...category, unknown: true }, 3],
    ['c', { ...category, unknown: true }, 3],
    ['1', NUMBERS, 1],
    ['1.00', NUMBERS, 1],
    ['0.0', NUMBERS, 0],
    ['3', NUMBERS, 'unknown_category'],
    ['123', CODES, 'unknown_category'],
    ['2024-01-31 10:00:00 UTC', datetime, Date.UTC(2024, 0, 31, 10)],
    ['Jun 12 1998', datetime, Date.UTC(1998, 5, 12)],
    ['01/02/2024', datetime, 'invalid_datetime'],
    ['01/02/2024', { ...datetime, order: 'dmy' }, Date.UTC(2024, 1, 1)],
    ['01/31/2024', { ...datetime, order: 'dmy' }, 'invalid_datetime'],
    ['2024-02-30', datetime, 'invalid_datetime'],
    ['2024-02-30', { ...datetime, missing: ['2024-02-30'] }, Number.NaN],
    ['?', datetime, Number.NaN],
  ])('%j is the same wherever it stands: %j, %j', async (text, feature, expected) => {
    const spec = specWith(feature);
    expect(ofInstance(spec, { x: text })).toBe(expected);
    expect(await ofFile(spec, 'json', text)).toBe(expected);
    // A blank field of CSV is null.
    const blank = text === '' && feature.kind === 'category' && !feature.unknown;
    expect(await ofFile(spec, 'csv', text)).toBe(blank ? 'wrong_type' : expected);
    const verdict = typeof expected === 'string' ? expected : 'good';
    expect(await ofBatch(spec, 'csv', text)).toBe(verdict);
    expect(await ofBatch(spec, 'ndjson', text)).toBe(verdict);
    const rows = await decodeInstances({ text: `${quoted(text)}\n`, isCsv: true }, spec);
    expect(ofInstance(spec, rows[0]!)).toBe(expected);
  });

  it.each<[unknown, Feature, number | string]>([
    [1, NUMBERS, 1],
    [0.0, NUMBERS, 0],
    [1, category, 'wrong_type'],
    [3, NUMBERS, 'unknown_category'],
    [3, { ...NUMBERS, unknown: true }, 3],
    [true, category, 'wrong_type'],
    [true, { name: 'x', kind: 'category', categories: ['False', 'True'] }, 1],
    [false, { name: 'x', kind: 'category', categories: ['True', 'x'] }, 'unknown_category'],
    [null, { ...category, unknown: true }, 3],
    [null, number, Number.NaN],
    [undefined, number, Number.NaN],
    [undefined, datetime, Number.NaN],
    [undefined, { ...category, unknown: true }, 3],
    [undefined, category, 'missing_field'],
    [true, number, 'wrong_type'],
  ])('or a value of JSON: %j of %j', (value, feature, expected) => {
    expect(ofInstance(specWith(feature), value === undefined ? {} : { x: value })).toBe(expected);
  });
});

describe('a target', () => {
  const classes = (more: Partial<Target> = {}): Target => ({
    name: 'y',
    classes: ['mild', 'none', 'severe'],
    ...more,
  });
  const twos: Target = { name: 'y', classes: ['0', '1'] };

  it.each<[string, Target, number | string]>([
    ['none', classes(), 1],
    ['none', classes({ optional: true }), 1],
    ['NA', classes({ optional: true }), 'left out'],
    ['', classes({ optional: true }), 'left out'],
    ['', classes(), 'invalid_target'],
    ['-', classes({ optional: true }), 'invalid_target'],
    ['-', classes({ missing: ['-'] }), 'left out'],
    ['', classes({ blank: 'none' }), 1],
    [' ', classes({ blank: 'none', optional: true }), 1],
    ['NA', classes({ blank: 'none', optional: true }), 'left out'],
    ['', { name: 'y', classes: ['1', '0'], blank: '0' }, 1],
    ['', { name: 'y', blank: '0' }, 0],
    ['', { name: 'y', classes: ['low', 'high'], above: 10, blank: '12' }, 12],
    ['NA', { name: 'y', classes: ['EU', 'NA'], optional: true }, 1],
    ['1.0', twos, 1],
    ['0.0', twos, 0],
    ['1,234.50', { name: 'y' }, 1234.5],
    ['$1,234.50', { name: 'y', unit: '$' }, 1234.5],
    ['49.000', { name: 'y', decimal: 'comma' }, 49_000],
    ['-', { name: 'y', optional: true }, 'left out'],
    ['<5', { name: 'y', optional: true }, 'invalid_target'],
    ['<5', { name: 'y', missing: ['<5'] }, 'left out'],
    ['-1', { name: 'y', missing: [-1] }, 'left out'],
    ['$12', { name: 'y', unit: '$', classes: ['low', 'high'], above: 10 }, 12],
  ])('%j of %j is %j, in CSV as in JSON', async (text, target, expected) => {
    const spec = specWith(number, target);
    for (const format of ['csv', 'json'] as const) {
      const content =
        format === 'csv'
          ? `x,y\n1,${quoted(text)}\n2,${quoted(text)}\n`
          : JSON.stringify([
              { x: 1, y: text },
              { x: 2, y: text },
            ]);
      const source = { origin: 'file', format, read: () => bytes(content) };
      const found: unknown[] = [];
      try {
        for await (const { training, test, leftOut } of openDataset(source, spec).blocks()) {
          found.push(...training.targets, ...test.targets);
          if (leftOut) expect([...leftOut]).toEqual([[text, 2]]);
        }
      } catch (error) {
        const [fault] = (error as { faults: Fault[] }).faults;
        found.push(fault?.code ?? 'left out');
      }
      expect([format, found[0]]).toEqual([format, expected]);
    }
  });
});
