import { describe, expect, it } from '@jest/globals';
import type { Spec } from '../../src/ml/spec.js';
import { openDataset } from '../../src/rows/open.js';
import type { DraftOptions } from '../../src/training/draft/draft.js';
import { csvOf, draft, remarkOn, warningOn } from './drafts.js';

type Column = (row: number) => unknown;

const ROWS = 300;
const VALUE: Column = (row) => ((row * 37) % 101) / 10 + 0.05;
const quote = (text: unknown) => `"${String(text).replaceAll('"', '""')}"`;
/** Another word in the first so many rows. */
const odd =
  (word: string, rows: number, column: Column = VALUE): Column =>
  (row) =>
    row < rows ? word : column(row);
const money = (row: number) => 1000 + ((row * 7919) % 9000) + 0.5;
const us = (row: number) => money(row).toLocaleString('en-US', { minimumFractionDigits: 2 });
const german = (row: number) => money(row).toLocaleString('de-DE', { minimumFractionDigits: 2 });

const textOf = (columns: Record<string, Column>) =>
  csvOf(
    Object.fromEntries(
      Object.entries(columns).map(([name, column]) => [name, (row: number) => quote(column(row))]),
    ),
    ROWS,
  );

/** Drafts from columns x and y, and reads the file by what was drafted: whatever is drafted can be trained. */
async function made(columns: Record<string, Column>, options: Partial<DraftOptions> = {}) {
  const text = textOf({ ...columns, ...('y' in columns ? {} : { y: VALUE }) });
  const drafted = await draft(text, options);
  const rows = await readBy(drafted.spec, text);
  return { ...drafted, ...rows };
}

async function readBy(spec: Spec, text: string) {
  const source = {
    origin: 'it',
    format: 'csv' as const,
    async *read() {
      yield Buffer.from(text);
    },
  };
  let count = 0;
  let gaps = 0;
  let leftOut = 0;
  for await (const { training, test, leftOut: words } of openDataset(source, spec).blocks()) {
    count += training.count + test.count;
    for (const value of [...training.values, ...test.values]) if (Number.isNaN(value)) gaps++;
    for (const rows of words?.values() ?? []) leftOut += rows;
  }
  return { count, gaps, leftOut };
}

const featureOf = async (x: Column, options: Partial<DraftOptions> = {}) => {
  const result = await made({ x }, options);
  return { ...result, feature: result.spec.features[0], remark: remarkOn(result, 'x') };
};

describe('a column that would be left out as text but for a few words', () => {
  const id: Column = (row) => 1000 + ((row * 7919) % 8999) / 10;
  const two = (value: number) => String(value).padStart(2, '0');
  const date: Column = (row) =>
    `2024-${two(1 + (row % 12))}-${two(1 + ((row * 5) % 28))}T0${row % 7}:00`;
  it.each<[string, Column, string]>([
    ['numbers', id, 'number'],
    ['dates', date, 'datetime'],
  ])('of %s is asked for, and is what the flags say', async (kind, column, expected) => {
    const x: Column = (row) => (row % 8 === 1 ? 'pending' : row % 9 === 2 ? 'void' : column(row));
    await expect(made({ x })).rejects.toThrow(
      `x: "pending" is 38 of 300 values among ${kind}: --missing x=pending makes it a gap, --value x=pending takes the column as categories; x: "void"`,
    );
    const { feature, gaps } = await featureOf(x, {
      hints: { x: { missing: ['pending', 'void'] } },
    });
    expect([feature!.kind, gaps]).toEqual([expected, 68]);
    const kept = await made({ x, z: VALUE }, { hints: { x: { values: ['pending', 'void'] } } });
    expect(remarkOn(kept, 'x')).toMatch(/^left out: it is text|rare values count as unknown/);
  });

  it('of other text is left out', async () => {
    const x: Column = (row) => (row % 8 === 1 ? 'pending' : row % 2 ? `a${row}` : id(row));
    expect(remarkOn(await made({ x, z: VALUE }), 'x')).toMatch(/^left out: it is text/);
  });
});

describe('a column of numbers', () => {
  it.each([
    ['<NA>', []],
    ['#N/A', []],
    ['', []],
    ['none', []],
    ['-', []],
    ['<5', ['<5']],
    ['10+', ['10+']],
    ['0x10', ['0x10']],
    ['1e400', ['1e400']],
    ['12:30', ['12:30']],
    ['2024-01-31', ['2024-01-31']],
    ['1/2', ['1/2']],
    ['inf', ['inf']],
    ['n.b.', ['n.b.']],
    ['0xc', ['0xc']],
    ['1e', ['1e']],
    ['12abc', ['12abc']],
    ['5 kg', ['5 kg']],
    ['5%', ['5%']],
    ['1_000', ['1_000']],
    ['TRUE', ['TRUE']],
  ])('with %j in 2 of 300 rows is still one', async (word, missing) => {
    const { feature, gaps, remark } = await featureOf(odd(word, 2));
    expect(feature).toEqual({ name: 'x', kind: 'number', missing });
    expect(gaps).toBe(2);
    expect(remark).toContain('0.67% of its values are missing');
    if (missing.length > 0) expect(remark).toContain(`${JSON.stringify(word)} in lines 2, 3`);
  });

  it('with odd values of many kinds names them all', async () => {
    const words = ['<5', '10+', 'abc'];
    const { feature, gaps } = await featureOf((row) => words[row] ?? VALUE(row));
    expect([feature, gaps]).toEqual([{ name: 'x', kind: 'number', missing: words }, 3]);
  });

  it('with one odd value in more than 1% of the rows asks what it is', async () => {
    await expect(featureOf(odd('many', 4))).rejects.toMatchObject({
      code: 'invalid_dataset',
      message:
        'x: "many", which is not a number, is in 4 of 300 rows (lines 2, 3, 4, 5): --missing x=many makes it a gap, --value x=many makes the column a category',
    });
    const gap = await featureOf(odd('many', 4), { hints: { x: { missing: ['many'] } } });
    expect([gap.feature, gap.gaps]).toEqual([{ name: 'x', kind: 'number', missing: ['many'] }, 4]);
    const kept = { hints: { x: { values: ['many'] } } };
    const column = odd('many', 4, (row) => row % 3);
    expect((await featureOf(column, kept)).feature).toMatchObject({
      kind: 'category',
      categories: ['0', '1', '2', 'many'],
    });
  });

  it('asks about all columns at once, but not about one that is left out', async () => {
    const columns = { a: odd('many', 4), b: odd('few', 9), c: VALUE };
    await expect(made(columns)).rejects.toThrow(/a: "many".*; b: "few"/);
    expect((await made(columns, { leaveOut: ['a', 'b'] })).spec.features).toHaveLength(1);
  });

  it('that is less than 95% numbers is one of categories, with a word', async () => {
    const { feature, remark } = await featureOf(odd('many', 16, (row) => row % 4));
    expect(feature).toMatchObject({ kind: 'category' });
    expect(remark).toContain('the others are not: taken as categories; --kind x=number reads it');
  });

  it.each<[string, Column, object]>([
    ['thousands', us, {}],
    ['a currency', (row) => `$${us(row)}`, { unit: '$' }],
    ['a currency behind', (row) => `${german(row)} €`, { unit: '€', decimal: 'comma' }],
    ['a currency in some rows', (row) => (row % 2 ? `$${us(row)}` : us(row)), { unit: '$' }],
    ['a code of a currency', (row) => `CHF ${us(row)}`, { unit: 'CHF' }],
    ['a percent sign', (row) => `${row % 50}.5%`, { unit: '%' }],
    ['a unit', (row) => `${(row % 50) + 0.5} kg`, { unit: 'kg' }],
    ['decimal commas', (row) => `${row % 50},5`, { decimal: 'comma' }],
    ['decimal commas and thousands', german, { decimal: 'comma' }],
    ['U+2212 for minus', (row) => String(VALUE(row)).replace(/^/, row % 2 ? '\u2212' : ''), {}],
    ['a minus behind', (row) => `${us(row)}${row % 2 ? '-' : ''}`, {}],
    ['accountants', (row) => (row % 2 ? `(${us(row)})` : us(row)), {}],
    ['thin spaces', (row) => us(row).replace(',', '\u2009'), {}],
    ['blanks around', (row) => `  ${VALUE(row)} `, {}],
    ['zero-width spaces around', (row) => `\u200b${VALUE(row)}\ufeff`, {}],
    ['full-width digits', (row) => String.fromCharCode(0xff10 + (row % 10)), {}],
    ['exponents of Fortran', (row) => `${row % 50}.5D+02`, {}],
    ['millions of dollars', (row) => `$${row % 50}.5M`, { unit: '$' }],
  ])('may be written with %s', async (_what, x, more) => {
    const { feature, count } = await featureOf(x);
    expect(feature).toEqual({ name: 'x', kind: 'number', ...more });
    expect(count).toBe(ROWS);
  });

  it('with a word that multiplies is said', async () => {
    const x: Column = (row) => (row % 3 ? `${row % 50}.5k` : `${row}`);
    const { feature, remark } = await featureOf(x);
    expect(feature).toEqual({ name: 'x', kind: 'number' });
    expect(remark).toContain('1.5k is read as 1500; name its letter as the "unit"');
  });

  it('with a unit in some rows reports the number of others', async () => {
    const { remark } = await featureOf((row) => (row % 4 ? `${row % 50}%` : row % 50));
    expect(remark).toContain('5% is read as 5, and 25% of them are without');
  });

  it('with more odd values than a spec can name takes all text for gaps', async () => {
    const rows = 40_000;
    const x: Column = (row) => (row % 30 ? VALUE(row) : `<0.${row}`);
    const lines = Array.from({ length: rows }, (_, row) => `${x(row)},${row % 50}`);
    const { spec, remarks } = await draft(`x,y\n${lines.join('\n')}\n`);
    expect(spec.features).toEqual([
      { name: 'x', kind: 'number', missing: [], otherText: 'missing' },
    ]);
    expect(remarks.find(({ column }) => column === 'x')?.remark).toMatch(
      /3% of its values are missing; not numbers, so missing: "<0.0" in line 2, .*, and more than 995 others: all text becomes a gap/,
    );
  });

  it.each<[string, Column, string]>([
    ['seconds', (row) => 1_700_000_000 + 7919 * row, 'seconds since 1970'],
    ['milliseconds', (row) => 1_700_000_000_000 + 7919 * row, 'milliseconds since 1970'],
    ['months', (row) => `2024${String(1 + (row % 12)).padStart(2, '0')}`, 'is a month'],
    ['days of the year', (row) => 2_024_001 + ((row * 37) % 300), 'is a day of a year'],
  ])('that may be dates is said: %s', async (_what, x, said) => {
    const { feature, remark } = await featureOf(x);
    expect(feature).toEqual({ name: 'x', kind: 'number' });
    expect(remark).toContain(said);
  });

  it.each<[string, Column, string]>([
    ['hexadecimal', (row) => `0x${(row + 16).toString(16)}`, '"0x10" is not read as a number'],
    ['underscores', (row) => `1_${100 + row}`, '"1_100" is not read as a number'],
    ['a comment', (row) => `2024 ${1 + (row % 12)} ${row} 8 a`, 'dates such as "2024 1 0 8 a"'],
  ])('that is not read is said: %s', async (_what, x, said) => {
    expect(remarkOn(await made({ x, z: VALUE }), 'x')).toContain(said);
  });

  it('with units that are not the same is not one', async () => {
    const x: Column = (row) => `${row + 0.5} ${row % 2 ? 'kg' : 'g'}`;
    const result = await made({ x, z: VALUE });
    expect(result.spec.features).toHaveLength(1);
    expect(remarkOn(result, 'x')).toContain('different units: g, kg');
  });

  it.each([
    ['49.000', '49.000 is read as 49; --decimal x=comma reads it as 49000'],
    ['1,234', '1,234 is read as 1234; --decimal x=comma reads it as 1.234'],
  ])('that may be read either way is said: %s', async (first, said) => {
    const mark = first[first.length - 4]!;
    const x: Column = (row) => (row === 0 ? first : `${1 + (row % 9)}${mark}${100 + row}`);
    const { remark, feature } = await featureOf(x);
    expect(remark).toContain(said);
    expect(feature).not.toHaveProperty('decimal');
    const other = await featureOf(x, { hints: { x: { decimal: 'comma' } } });
    expect([other.feature, other.remark]).toEqual([
      { name: 'x', kind: 'number', decimal: 'comma' },
      undefined,
    ]);
  });

  it('that shows its decimal mark somewhere is read by it everywhere, with no word', async () => {
    const x: Column = (row) => (row === ROWS - 1 ? '1234,5' : `${1 + (row % 9)},${100 + row}`);
    const { remark, feature } = await featureOf(x);
    expect([feature, remark]).toEqual([{ name: 'x', kind: 'number', decimal: 'comma' }, undefined]);
  });
});

describe('a column of numbers that may be something else', () => {
  it.each<[string, Column, string]>([
    ['-999', (row) => (row % 12 ? VALUE(row) : -999), '-999'],
    ['9999.0', (row) => (row % 12 ? row % 50 : '9999.0'), '9999.0'],
    ['1e20', (row) => (row % 99 ? VALUE(row) : '1e20'), '1e20'],
    ['-32768', (row) => (row % 99 ? VALUE(row) : -32768), '-32768'],
  ])('says that %s may mean unknown', async (_what, x, word) => {
    const { feature, remark } = await featureOf(x);
    expect(feature).toEqual({ name: 'x', kind: 'number' });
    expect(remark).toContain(`far from the others; --missing x=${word} makes it a gap`);
    const gap = await featureOf(x, { hints: { x: { missing: [word] } } });
    expect(gap.gaps).toBeGreaterThan(1);
    expect(gap.remark).not.toContain('far from the others');
  });

  it.each<[string, Column]>([
    ['99 among its like', (row) => 90 + (row % 10)],
    ['999 once', (row) => (row === 7 ? 999 : row % 50)],
    ['a large number that is not one of nines', (row) => (row % 50 ? row % 50 : 1000)],
  ])('says nothing of %s', async (_what, x) => {
    expect((await featureOf(x)).remark).toBeUndefined();
  });

  it('remarks that codes lose their zeros', async () => {
    const x: Column = (row) => String(501 + (row % 20)).padStart(5, '0');
    expect((await featureOf(x)).remark).toBe(
      '00501 is read as 501; --kind x=category takes it as a code',
    );
    const { feature } = await featureOf(x, { hints: { x: { kind: 'category' } } });
    expect(feature).toMatchObject({ kind: 'category' });
    expect(feature).toHaveProperty('categories.0', '00501');
  });

  it('that counts the rows is left out unless it is said to be a number', async () => {
    const columns = { x: (row: number) => row + 1, z: VALUE };
    const left = await made(columns);
    expect(remarkOn(left, 'x')).toBe('left out: it counts the rows; --kind x=number keeps it');
    const kept = await made(columns, { hints: { x: { kind: 'number' } } });
    expect(kept.spec.features).toHaveLength(2);
  });

  it('of which none is what it is said to be is left out, saying so', async () => {
    const columns = { x: (row: number) => `${row % 24}:00`, z: VALUE };
    const result = await made(columns, { hints: { x: { kind: 'datetime' } } });
    expect(remarkOn(result, 'x')).toBe('left out: it has no dates');
  });
});

describe('a column of dates', () => {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = (row: number) => (row % 28) + 1;
  const month = (row: number) => (row % 12) + 1;
  const name = (row: number) =>
    new Date(Date.UTC(2024, month(row) - 1)).toLocaleString('en', {
      month: 'short',
      timeZone: 'UTC',
    });

  it.each<[string, Column, object]>([
    ['ISO', (row) => `2024-${two(month(row))}-${two(day(row))}`, {}],
    ['a zone', (row) => `2024-01-${two(day(row))} 10:00:00 UTC`, {}],
    ['a month name', (row) => `${name(row)} ${day(row)} 1998`, {}],
    ['a month name in the middle', (row) => `${two(day(row))}-${name(row)}-98`, {}],
    ['the month first', (row) => `${two(month(row))}/${two(day(row))}/2024`, { order: 'mdy' }],
    ['the day first', (row) => `${day(row)}/${month(row)}/2024 10:00 PM`, { order: 'dmy' }],
    ['points', (row) => `${two(day(row))}.${two(month(row))}.2024`, {}],
    ['points, all below 13', (row) => `${two(month(row))}.${two(month(row + 5))}.2024`, {}],
    ['no marks', (row) => `2024${two(month(row))}${two(day(row))}`, {}],
    ['months alone', (row) => `${2000 + (row % 20)}-${two(month(row))}`, {}],
    ['quarters', (row) => `${2000 + (row % 20)}Q${(row % 4) + 1}`, {}],
  ])('may be written with %s', async (_what, x, more) => {
    const { feature, count, gaps } = await featureOf(x);
    expect(feature).toEqual({ name: 'x', kind: 'datetime', ...more });
    expect([count, gaps]).toEqual([ROWS, 0]);
  });

  it.each(['2024-02-30', 'soon', '2024-13-01', '-', 'NA'])(
    'with %j in it is still one',
    async (word) => {
      const { feature, gaps, remark } = await featureOf(
        odd(word, 1, (row) => `2024-03-${two(day(row))}`),
      );
      expect(feature).toMatchObject({ kind: 'datetime', optional: true });
      expect(gaps).toBe(1);
      expect(remark).toContain(word);
    },
  );

  it('with an ambiguous day and month is remarked, and can be overridden', async () => {
    const x: Column = (row) => `${two(month(row))}/${two(month(row + 3))}/2024`;
    const { feature, remark } = await featureOf(x);
    expect(feature).toMatchObject({ order: 'mdy' });
    expect(remark).toBe(
      'no date distinguishes day and month: 01/04/2024 is read as 2024-01-04, the month first; --date-order x=dmy reverses it',
    );
    const said = await featureOf(x, { hints: { x: { order: 'dmy' } } });
    expect([said.feature, said.remark]).toEqual([
      { name: 'x', kind: 'datetime', order: 'dmy' },
      undefined,
    ]);
  });

  it('has the order of its one unambiguous date; the few of another order are gaps', async () => {
    const x: Column = (row) => (row === 7 ? '12/31/2024' : `${day(row)}/${month(row)}/2024`);
    const { feature, gaps } = await featureOf(x);
    expect(feature).toMatchObject({ order: 'dmy', missing: ['12/31/2024'] });
    expect(gaps).toBe(1);
  });

  it('with the year first in two digits names the flag that reads it so', async () => {
    const x: Column = (row) => `23-${two(month(row))}-${two(day(row))}`;
    const { remark } = await featureOf(x);
    expect(remark).toContain('--date-order x=ymd takes the year first');
    const told = await featureOf(x, { hints: { x: { order: 'ymd' } } });
    expect(told.feature).toMatchObject({ kind: 'datetime', order: 'ymd' });
  });

  it('with years of two digits reports their century', async () => {
    const x: Column = (row) =>
      `${day(row)}.${two(month(row))}.${two((row * 7) % 100)}`.padStart(8, '0');
    const { feature, remark } = await featureOf(x);
    expect(feature).toEqual({ name: 'x', kind: 'datetime' });
    expect(remark).toBe(
      'two-digit years are read as 1969 to 2068; write them in full to override this',
    );
  });

  it('remarks on days that databases write for a missing date', async () => {
    const x: Column = (row) => (row % 20 ? `2024-03-${two(day(row))}` : '9999-12-31');
    const { remark } = await featureOf(x);
    expect(remark).toContain('--missing x=9999-12-31 makes it a gap');
    const zero = await featureOf((row) => (row % 20 ? `2024-03-${two(day(row))}` : '0000-00-00'));
    expect(zero.gaps).toBe(15);
  });

  it('without marks can be taken as numbers', async () => {
    const x: Column = (row) => `2024${two(month(row))}${two(day(row))}`;
    expect((await featureOf(x)).remark).toContain('--kind x=number takes it as a number');
    const { feature } = await featureOf(x, { hints: { x: { kind: 'number' } } });
    expect(feature).toEqual({ name: 'x', kind: 'number' });
  });
});

describe('a column of words', () => {
  it.each<[string, string[], string[]]>([
    ['none mild severe', ['mild', 'none', 'severe'], ['none']],
    ['- + 0', ['+', '-', '0'], ['-']],
    ['None Minor ?', ['?', 'Minor', 'None'], ['None', '?']],
    ['. x', ['.', 'x'], ['.']],
    ['red N.D. unknown', ['N.D.', 'red', 'unknown'], ['N.D.', 'unknown']],
    ['Na K Ca', ['Ca', 'K', 'Na'], []],
  ])('keeps %s, saying what may mean unknown', async (words, categories, marks) => {
    const { feature, remark } = await featureOf(
      (row) => words.split(' ')[row % words.split(' ').length],
    );
    expect(feature).toEqual({ name: 'x', kind: 'category', categories });
    for (const mark of marks) expect(remark).toContain(`"${mark}" is taken as a value; --missing `);
    if (marks.length === 0) expect(remark).toBeUndefined();
  });

  it('lists the words that count as missing, and reads them as values on request', async () => {
    const x: Column = (row) => ['EU', 'NA', ''][row % 3];
    const { feature, remark } = await featureOf(x);
    expect(feature).toEqual({ name: 'x', kind: 'category', categories: ['EU'], unknown: true });
    expect(remark).toBe('67% of its values are missing (100 blank, 100 "NA")');
    const kept = await featureOf(x, { hints: { x: { values: ['NA'] } } });
    expect(kept.feature).toMatchObject({ categories: ['EU', 'NA'], unknown: true });
    const gap = await featureOf((row) => ['a', 'b', '?'][row % 3], {
      hints: { x: { missing: ['?'] } },
    });
    expect(gap.feature).toEqual({
      name: 'x',
      kind: 'category',
      categories: ['a', 'b'],
      unknown: true,
      missing: ['?'],
    });
  });

  it('remarks on differences in case', async () => {
    const { feature, remark } = await featureOf((row) => ['Yes', 'yes', 'no'][row % 3]);
    expect(feature).toMatchObject({ categories: ['Yes', 'no', 'yes'] });
    expect(remark).toBe('"Yes" and "yes" differ in case alone: they are different values');
  });

  it.each<[string, string, object]>([
    ['Y', '', { kind: 'category', categories: ['Y'], unknown: true }],
    ['x', 'NA', { kind: 'category', categories: ['x'], unknown: true }],
    ['1', '', { kind: 'number', missing: [] }],
  ])('of %j or %j is a flag, and its gaps tell', async (flag, blank, expected) => {
    const result = await featureOf((row) => (row % 3 ? flag : blank));
    expect(result.feature).toEqual({ name: 'x', ...expected });
    const leak = await made({ x: (row) => (row % 3 ? flag : blank), y: (row) => `${row % 3 > 0}` });
    expect(warningOn(leak, 'x')).toMatch(/almost perfectly/);
  });
});

describe('a column of times', () => {
  it.each<[string, Column]>([
    ['of day', (row) => `${row % 24}:${String(row % 60).padStart(2, '0')}`],
    ['with am and pm', (row) => `${(row % 12) + 1}:15 ${row % 2 ? 'am' : 'PM'}`],
    ['as pandas writes durations', (row) => `${row} days 02:03:04`],
    ['as ISO 8601 writes durations', (row) => `PT${row % 9}H${row % 7}M`],
  ])('%s says what would help', async (_what, x) => {
    const result = await made({ x, z: VALUE });
    expect(remarkOn(result, 'x')).toContain(
      'has times or durations, which cannot be learnt from: convert them',
    );
  });
});

describe('a target', () => {
  const drafted = (y: Column, options: Partial<DraftOptions> = {}) =>
    made({ x: VALUE, y }, options);

  it.each<[string, string[]]>([
    ['none mild severe', ['mild', 'none', 'severe']],
    ['None Minor Substantial', ['Minor', 'None', 'Substantial']],
    ['- 0 +', ['+', '-', '0']],
    ['? a', ['?', 'a']],
  ])('of %s has all of them as classes', async (words, classes) => {
    const each = words.split(' ');
    const { spec, count, leftOut } = await drafted((row) => each[row % each.length]);
    expect(spec.target).toEqual({ name: 'y', classes });
    expect([count, leftOut]).toEqual([ROWS, 0]);
  });

  it('with a missing word in more than 1% of the rows asks, naming both flags', async () => {
    const y: Column = (row) => ['NA', 'EU', 'AS', 'EU'][row % 4];
    await expect(drafted(y)).rejects.toThrow(
      'y: "NA" is in 75 of 300 rows (lines 2, 6, 10, 14, 18 and 70 more): --missing y=NA leaves these rows out, --value y=NA makes it a class',
    );
    const gone = await drafted(y, { hints: { y: { missing: ['NA'] } } });
    expect(gone.spec.target).toEqual({
      name: 'y',
      classes: ['AS', 'EU'],
      optional: true,
      missing: ['NA'],
    });
    expect([gone.count, gone.leftOut]).toEqual([225, 75]);
    expect(remarkOn(gone, 'y')).toBe('25% of the rows have none and are left out (75 "NA")');
    const kept = await drafted(y, { hints: { y: { values: ['NA'] } } });
    expect(kept.spec.target).toEqual({ name: 'y', classes: ['AS', 'EU', 'NA'] });
    expect(kept.count).toBe(ROWS);
  });

  it.each<[string, Column]>([
    ['a mark among numbers', (row) => (row % 20 ? VALUE(row) : '-')],
    ['a mark among classes that are numbers', (row) => (row % 20 ? row % 2 : '?')],
    ['an odd word among numbers', (row) => (row % 25 ? VALUE(row) : '<5')],
  ])('asks about %s', async (_what, y) => {
    const word = String(y(0));
    await expect(drafted(y)).rejects.toThrow(/--missing .* leaves these rows out, --value/);
    const { spec, count, leftOut } = await drafted(y, { hints: { y: { missing: [word] } } });
    expect(spec.target.optional).toBe(true);
    expect(leftOut).toBeGreaterThan(0);
    expect(count + leftOut).toBe(ROWS);
  });

  it('leaves out few odd words and blanks, counted and named', async () => {
    const { spec, remarks, leftOut } = await drafted(
      odd('<5', 2, (row) => (row % 10 === 5 ? '' : VALUE(row))),
    );
    expect(spec.target).toEqual({ name: 'y', optional: true, missing: ['<5'] });
    expect(leftOut).toBe(32);
    expect(remarks.find(({ column }) => column === 'y')?.remark).toBe(
      '11% of the rows have none and are left out; not numbers, so left out: "<5" in lines 2, 3',
    );
  });

  it.each<[string, Column, object]>([
    ['thousands', us, {}],
    ['dollars', (row) => `$${us(row)}`, { unit: '$' }],
    ['euros', (row) => `${german(row)} €`, { unit: '€', decimal: 'comma' }],
  ])('may be a number written with %s', async (_what, y, more) => {
    const { spec, count } = await drafted(y);
    expect([spec.task, spec.target, count]).toEqual(['regression', { name: 'y', ...more }, ROWS]);
  });

  it.each<[string, string[]]>([
    ['1 1.0 0 0.0', ['0', '1']],
    ['1.0 0.0', ['0.0', '1.0']],
    ['2 10 2.0 9', ['2', '9', '10']],
    ['+1 -1', ['-1', '+1']],
    ['9007199254740992 9007199254740993', ['9007199254740992', '9007199254740993']],
  ])('of %s has the classes %j', async (words, classes) => {
    const each = words.split(' ');
    const { spec, count } = await drafted((row) => each[row % each.length]);
    expect([spec.target, count]).toEqual([{ name: 'y', classes }, ROWS]);
  });

  it('has a word that may mean unknown as a class, with a remark', async () => {
    const y: Column = (row) => ['high', 'unknown', 'low'][row % 3];
    const kept = await drafted(y);
    expect(kept.spec.target.classes).toEqual(['high', 'low', 'unknown']);
    expect(remarkOn(kept, 'y')).toBe(
      '"unknown" is taken as a class; --missing y=unknown leaves these rows out',
    );
    const gone = await drafted(y, { hints: { y: { missing: ['unknown'] } } });
    expect([gone.spec.target.classes, gone.leftOut]).toEqual([['high', 'low'], 100]);
  });

  it.each<[string, Column, string | undefined, object]>([
    [
      'few whole numbers',
      (row) => row % 5,
      'its 5 numbers are taken as classes; --task regression predicts them as amounts',
      { task: 'regression' },
    ],
    [
      'few numbers',
      (row) => 1.5 * (row % 4),
      'its 4 numbers are taken as amounts; --task classification takes them as classes',
      { task: 'classification' },
    ],
    ['zero and one', (row) => row % 2, undefined, { task: 'regression' }],
  ])('of %s says what they are taken for', async (_what, y, said, other) => {
    expect(remarkOn(await drafted(y), 'y')).toBe(said);
    const changed = await drafted(y, other);
    expect(changed.spec).toMatchObject(other);
    expect(remarkOn(changed, 'y')).toBeUndefined();
  });

  it('of dates reports that they are classes', async () => {
    const { remarks } = await drafted((row) => `2024-01-1${row % 3}`);
    expect(remarks).toMatchObject([{ column: 'y', remark: /dates are taken as classes/ }]);
  });

  it('remarks on a number that may mean unknown', async () => {
    const y: Column = (row) => (row % 12 ? VALUE(row) : -999);
    expect(remarkOn(await drafted(y), 'y')).toBe(
      '-999 is in 25 rows, far from the others; --missing y=-999 leaves these rows out',
    );
    expect((await drafted(y, { hints: { y: { missing: ['-999'] } } })).leftOut).toBe(25);
  });

  it.each([
    [['<=50K', '<=50K.'], '"<=50K" and "<=50K."'],
    [['New York', 'New_York'], '"New York" and "New_York"'],
    [['co\u200bop', 'coop'], '"co\\u200bop" and "coop"'],
    [['\uff21', 'A'], '"\uff21" and "A"'],
    [['1', '1.0'], '"1" and "1.0"'],
  ])('remarks on classes that differ in spelling: %j', async (words, said) => {
    const y: Column = (row) => words[row % 3] ?? 'other';
    const { spec, remarks } = await made({ x: VALUE, y });
    expect(spec.target.classes).toHaveLength(3);
    expect(remarks.find(({ column }) => column === 'y')?.remark).toContain(
      `${said} differ in spelling alone: they are different values`,
    );
  });

  it('takes words as one that differ in what cannot be seen around them', async () => {
    const y: Column = (row) => `${row % 2 ? 'a' : 'b'}${row % 3 ? '' : '\u200b'}`;
    const { spec, remarks, count } = await made({ x: VALUE, y });
    expect([spec.target.classes, remarks, count]).toEqual([['a', 'b'], [], ROWS]);
  });

  it('remarks on classes that differ in case', async () => {
    const result = await drafted((row) => ['Yes', 'yes', 'No'][row % 3]);
    expect(remarkOn(result, 'y')).toBe(
      '"Yes" and "yes" differ in case alone: they are different values',
    );
  });
});

describe('rows that are none', () => {
  const rows = Array.from({ length: ROWS }, (_, row) => `${row % 50},${VALUE(row)},${row % 7}.5`);
  const file = (first: string, last: string) => ['a,b,y', first, ...rows, last].join('\n');

  it('are named: the ruler of a Markdown table', async () => {
    const { fileRemarks } = await draft(file('---,---,:--:', '1,2,3'));
    expect(fileRemarks).toContain(
      'the first row (--- --- :--:) is the ruler of a Markdown table: remove it',
    );
  });

  it('are named: units below the header', async () => {
    const { fileRemarks } = await draft(file('m,kg,EUR', '1,2,3'));
    expect(fileRemarks).toEqual([
      'line 2 has a word in each column of numbers ("m", "kg", "EUR"): remove it if it has units or titles',
    ]);
  });

  it.each(['Total', 'Grand total', 'Summe', 'average'])('are named: %s', async (word) => {
    const { fileRemarks } = await draft(file('1,2,3', `${word},9,9`));
    expect(fileRemarks).toEqual([
      `line 303, the last one, has "${word}": remove it if it adds up the others`,
    ]);
  });

  it('are not: values that look like them but repeat', async () => {
    const text = csvOf({ a: (row) => (row % 2 ? 'all' : 'some'), y: VALUE }, ROWS);
    expect((await draft(text)).fileRemarks).toEqual([]);
  });
});

it('a column __proto__ is refused, naming --leave-out', async () => {
  const text = csvOf({ proto: VALUE, a: VALUE, y: VALUE }, ROWS).replace('proto', '__proto__');
  await expect(draft(text)).rejects.toThrow('leave it out with --leave-out __proto__');
  expect((await draft(text, { leaveOut: ['__proto__'] })).spec.features).toHaveLength(1);
});
