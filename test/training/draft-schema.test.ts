import { describe, expect, it } from '@jest/globals';
import type { DatasetDefinition } from '../../src/datasets/definition.js';
import { parseSpec } from '../../src/ml/parse-spec.js';
import { draftFromSchema } from '../../src/training/draft/schema.js';
import { type Columns, csvOf } from './drafts.js';

const drafted = (schema: DatasetDefinition, columns: Columns, rows = 400) => {
  const read = async function* () {
    yield Buffer.from(csvOf(columns, rows));
  };
  return draftFromSchema('things', schema, { read }, rows);
};
const draft = async (...given: Parameters<typeof drafted>) =>
  parseSpec((await drafted(...given)).spec);
const COLUMNS = {
  code: (row: number) => row % 3,
  since: (row: number) => `2026-01-${String((row % 28) + 1).padStart(2, '0')}`,
  size: (row: number) => (row % 7 ? (row * 37) % 101 : ''),
  price: (row: number) => ((row * 37) % 101) + 5,
};
const SCHEMA: DatasetDefinition = {
  features: [
    { name: 'code', kind: 'category', categories: ['0', '1', '2'] },
    { name: 'since', kind: 'datetime', optional: true },
    { name: 'size', kind: 'number', minimum: 0, missing: [] },
  ],
  target: { name: 'price', unit: 'CHF' },
};

describe('a spec that is drafted from a schema', () => {
  it('takes features and target as declared, and encodes them by what they are', async () => {
    const spec = await draft(SCHEMA, COLUMNS);
    expect([spec.features, spec.target, spec.task]).toEqual([
      SCHEMA.features,
      SCHEMA.target,
      'regression',
    ]);
    const steps = spec.encoding.map((step) => [step.encode, 'feature' in step && step.feature]);
    expect(steps).toEqual([
      ['oneHot', 'code'],
      ['standard', 'since'],
      ['cyclic', 'since'],
      ['cyclic', 'since'],
      ['missing', 'since'],
      ['standard', 'size'],
      ['piecewise', 'size'],
      ['missing', 'size'],
    ]);
  });

  it('leaves out what nothing can be learnt from', async () => {
    const features = [...SCHEMA.features, { name: 'nr', kind: 'number' as const }];
    const columns = { ...COLUMNS, nr: (row: number) => row + 1, since: () => '' };
    const { spec, remarks } = await drafted({ ...SCHEMA, features }, columns);
    expect(spec.features.map(({ name }) => name)).toEqual(['code', 'size']);
    expect(remarks).toEqual(['since: left out: it is empty', 'nr: left out: it counts the rows']);
  });

  it('embeds many categories, and learns a skewed number as its logarithm', async () => {
    const categories = Array.from({ length: 40 }, (_, i) => `c${i}`);
    const spec = await draft(
      {
        features: [{ name: 'code', kind: 'category', categories, unknown: true }],
        target: { name: 'price' },
      },
      {
        code: (row) => categories[row % 40],
        price: (row) => (row % 20 ? 1 + (row % 5) : 1000),
      },
    );
    expect(spec.encoding).toEqual([{ encode: 'embedding', feature: 'code', size: 6 }]);
    expect(spec.target).toEqual({ name: 'price', transform: 'log' });
  });

  it('is refused of too few rows', async () => {
    await expect(draft(SCHEMA, COLUMNS, 30)).rejects.toMatchObject({
      code: 'invalid_dataset',
      message: expect.stringContaining('at least 50 are needed'),
    });
  });

  it('is refused where a word costs many rows their target, until the schema defines it', async () => {
    const target = { name: 'price', optional: true };
    const columns = { ...COLUMNS, price: (row: number) => (row % 10 ? row : 'NA') };
    await expect(draft({ ...SCHEMA, target }, columns)).rejects.toMatchObject({
      code: 'invalid_dataset',
      message:
        'price: "NA" is in 40 of 400 rows: name it in "missing" of the target to leave these rows out',
    });
    const said = { ...target, missing: ['NA'] };
    expect((await draft({ ...SCHEMA, target: said }, columns)).target).toEqual(said);
  });
});
