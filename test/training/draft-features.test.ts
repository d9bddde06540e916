import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../../src/ml/random.js';
import { draft, german, remarkOn, warningOn } from './drafts.js';

const random = seededRandom(1);
const NUMBERS = Array.from({ length: 3 }, () => Array.from({ length: 400 }, random));
const [NOISE, VALUE] = [
  (row: number) => NUMBERS[0]![row]!.toFixed(4),
  (row: number) => (10 * NUMBERS[1]![row]!).toFixed(3),
];
const SORT = (row: number) => ['low', 'middle', 'high'][row % 3]!;
const gaps = (mark: string, every: number) => (row: number) =>
  row % every === 0 ? mark : NOISE(row);

describe('a column becomes a feature', () => {
  const featureOf = async (column: (row: number) => string | number) =>
    (await draft({ column, noise: NOISE, y: VALUE })).spec.features.find(
      ({ name }) => name === 'column',
    );

  it.each([
    ['of numbers', (row: number) => row / 7, { kind: 'number' }],
    ['of two numbers', (row: number) => row % 2, { kind: 'number' }],
    ['of words', SORT, { kind: 'category', categories: ['high', 'low', 'middle'] }],
    [
      'of true and false',
      (row: number) => row % 3 === 0,
      { kind: 'category', categories: ['false', 'true'] },
    ],
    ['of days', (row: number) => `2024-03-${10 + (row % 20)}`, { kind: 'datetime' }],
    ['of moments', (row: number) => `2024/03/${10 + (row % 20)} 08:30`, { kind: 'datetime' }],
    [
      'of numbers and words',
      (row: number) => (row % 4 === 0 ? 'many' : row % 4),
      { kind: 'category', categories: ['1', '2', '3', 'many'] },
    ],
  ])('%s', async (_what, column, expected) => {
    expect(await featureOf(column as (row: number) => string)).toEqual({
      name: 'column',
      ...expected,
    });
  });

  it('with waves of the day only when there is a time of day', async () => {
    const { spec } = await draft({
      day: (row) => `2024-03-${10 + (row % 20)}`,
      moment: (row) => `2024-03-10T${10 + (row % 14)}:00`,
      y: VALUE,
    });
    const periods = (name: string) =>
      spec.encoding.flatMap((step) =>
        step.encode === 'cyclic' && step.feature === name ? [step.period] : [],
      );
    expect([periods('day'), periods('moment')]).toEqual([
      ['year', 'week'],
      ['year', 'week', 'day'],
    ]);
  });

  it('embedded when it has many categories, the rare ones unknown', async () => {
    const made = await draft({
      city: (row) => (row < 8 ? `hamlet ${row}` : `city ${row % 40}`),
      y: VALUE,
    });
    expect(made.spec.features).toEqual([
      expect.objectContaining({ kind: 'category', unknown: true }),
    ]);
    const [city] = made.spec.features;
    expect(city).toHaveProperty('categories.length', 40);
    expect(made.spec.encoding).toEqual([{ encode: 'embedding', feature: 'city', size: 6 }]);
    expect(remarkOn(made, 'city')).toMatch(/48 distinct values: embedded; 8 rare values/);
  });

  it.each(['', 'NA', 'NaN', '#N/A', ' null '])(
    'of which %j says that it is missing',
    async (mark) => {
      const made = await draft({
        number: gaps(mark, 5),
        word: (row) => (row % 4 === 0 ? mark : SORT(row)),
        day: (row) => (row % 2 === 0 ? mark : `2024-03-${10 + (row % 20)}`),
        y: VALUE,
      });
      expect(made.spec.features).toEqual([
        { name: 'number', kind: 'number', missing: [] },
        { name: 'word', kind: 'category', categories: ['high', 'low', 'middle'], unknown: true },
        { name: 'day', kind: 'datetime', optional: true },
      ]);
      for (const [name, share] of Object.entries({ number: '20%', word: '25%', day: '50%' }))
        expect(remarkOn(made, name)).toContain(`${share} of its values are missing`);
      for (const feature of ['number', 'day'])
        expect(made.spec.encoding).toContainEqual({ encode: 'missing', feature });
    },
  );

  it('by its logarithm too when few numbers are far above the others', async () => {
    const skewed = (row: number) => Math.exp(9 * NUMBERS[2]![row]!).toFixed(3);
    const { spec } = await draft({ skewed, below: (row) => -skewed(row), even: NOISE, y: skewed });
    const logs = spec.encoding.filter(({ encode }) => encode === 'log');
    expect(logs).toEqual([{ encode: 'log', powers: { skewed: 1 } }]);
    expect(spec.target).toEqual({ name: 'y', transform: 'log' });
  });
});

describe('a column is left out, with the reason', () => {
  const unique = (row: number) => 1000 + ((row * 7919) % 100_003);
  it.each([
    ['that counts the rows', 'nr', (row: number) => row + 1, 'counts the rows'],
    ['of ids', 'user_id', unique, 'is an id'],
    ['of ids in camel case', 'customerId', unique, 'is an id'],
    ['that is constant', 'planet', () => 'Earth', 'the same in every row'],
    ['that is constant but for a few', 'one', (row: number) => (row > 3 ? 1 : ''), 'the same'],
    ['without values', 'nothing', () => 'NA', 'is empty'],
    ['of free text', 'note', (row: number) => `${row} was fine`, 'is text or an id'],
    ['of codes', 'code', (row: number) => `x${unique(row)}`, 'is text or an id'],
    ['with an endless name', 'x'.repeat(129), NOISE, 'is longer than 128'],
  ])('%s', async (_what, name, column, why) => {
    const made = await draft({ [name]: column, noise: NOISE, y: VALUE });
    expect(made.spec.features.map((feature) => feature.name)).toEqual(['noise']);
    expect(made.remarks).toHaveLength(1);
    expect(remarkOn(made, name)).toMatch(new RegExp(`^left out: .*${why}`));
  });

  it('but not a number that is merely called so, nor ids of few', async () => {
    const columns = { acid: unique, user_id: (row: number) => row % 9, y: VALUE };
    expect((await draft(columns)).spec.features).toHaveLength(2);
  });

  it('when it is named, and must then exist', async () => {
    const columns = { a: NOISE, b: SORT, y: VALUE };
    const { spec } = await draft(columns, { leaveOut: ['b'] });
    expect(spec.features.map(({ name }) => name)).toEqual(['a']);
    await expect(draft(columns, { leaveOut: ['B'] })).rejects.toThrow(
      'column not found: "B"; there are a, b, y',
    );
  });
});

describe('a feature that gives the target away is warned about', () => {
  const copy = (row: number) => (2 * Number(VALUE(row))).toFixed(3);
  const code = (row: number) => (row % 3) * 10;
  it.each([
    ['a copy of it', copy, VALUE],
    ['a copy with gaps', (row: number) => (row % 8 ? copy(row) : 'NA'), VALUE],
    ['a copy in reverse', (row: number) => -copy(row), VALUE],
    ['a category that determines it', SORT, (row: number) => `${code(row)}.${row % 2}`],
    ['a category that is it by another name', SORT, code],
    ['a number that is the class', code, SORT],
    ['a number that the class was made from', (row: number) => code(row) + row / 400, SORT],
    ['a flag that is the class', (row: number) => row % 2, (row: number) => `is ${row % 2}`],
  ])('%s', async (_what, column, y) => {
    const made = await draft({ column, noise: NOISE, y });
    expect(warningOn(made, 'column')).toMatch(/it alone predicts "y" almost perfectly/);
    expect(made.warnings).toHaveLength(1);
  });

  it('however its numbers are written', async () => {
    const large = (row: number) => 5000 * NUMBERS[1]![row]!;
    const text = german({ copy: (row) => 2 * large(row), noise: (row) => 9 * row, y: large });
    expect((await draft(text)).warnings.map(({ column }) => column)).toEqual(['copy']);
  });

  it.each([
    ['that tells much', (row: number) => Number(VALUE(row)) + 9 * NUMBERS[2]![row]!, VALUE],
    ['that tells one class of three from the others', (row: number) => Number(row % 3 > 1), SORT],
  ])('but not one %s', async (_what, column, y) => {
    expect((await draft({ column, y })).warnings).toEqual([]);
  });
});
