import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sha256 } from '../../src/core/checksum.js';
import { instanceAt, readDataset, toInstance } from '../../src/datasets/service.js';
import { type Row, specOf } from '../ml/encoding/shapes.js';

const PLAIN = specOf({ encode: 'oneHot', feature: 'kind' });
const LOG = { ...PLAIN, target: { name: 'price', transform: 'log' as const } };
const HEADER = 'width,height,kind,cut,price';
const ROW = '1,2,oval,2026-01-31,10';

/** Reads a CSV that arrives in pieces of some size. */
function read(text: string, spec = PLAIN, size = 1 << 16) {
  const bytes = Buffer.from(text);
  const source = {
    origin: 'shapes.csv',
    async *read() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    },
  };
  return readDataset(source, spec);
}

const lines = (...rows: string[]) => `${[HEADER, ...rows].join('\n')}\n`;

describe('a CSV dataset', () => {
  it('becomes the columns that the spec names', async () => {
    const { table, origin } = await read(lines(ROW, '-0.5,2e3,pear,2026-01-31T12:00,20.5'));
    expect(origin).toBe('shapes.csv');
    expect(table.rows).toBe(2);
    expect([...table.column('width')]).toEqual([1, -0.5]);
    expect([...table.column('height')]).toEqual([2, 2000]);
    expect([...table.column('kind')]).toEqual([1, 2]);
    expect([...table.column('cut')]).toEqual([Date.UTC(2026, 0, 31), Date.UTC(2026, 0, 31, 12)]);
    expect([...table.target]).toEqual([10, 20.5]);
  });

  it.each([
    ['with a byte order mark', `\uFEFF${lines(ROW)}`],
    ['of Windows', lines(ROW).replaceAll('\n', '\r\n')],
    ['without a last line break', lines(ROW).trimEnd()],
    ['in quotes', '"width","height","kind","cut","price"\n"1","2","oval","2026-01-31","10"\n'],
    ['with columns in another order', 'price,kind,cut,height,width\n10,oval,2026-01-31,2,1\n'],
    ['with more columns', `note,${HEADER}\n"a ""b"", c\nd",${ROW}\n`],
  ])('%s has the same rows', async (_what, text) => {
    const { table } = await read(text);
    expect(instanceAt(PLAIN, table, 0)).toEqual({
      width: 1,
      height: 2,
      kind: 'oval',
      cut: '2026-01-31T00:00:00.000Z',
    });
    expect([...table.target]).toEqual([10]);
  });

  it('has a checksum of its bytes, however they arrive', async () => {
    const text = `\uFEFF${lines(ROW, ROW.replace('oval', '"pear"'))}`;
    const whole = await read(text);
    const bytewise = await read(text, PLAIN, 1);
    expect(whole.checksum).toBe(sha256(Buffer.from(text)));
    expect(bytewise).toEqual(whole);
  });

  it('may lack values of what may be missing', async () => {
    const { table } = await read(lines(',2,oval,2026-01-31,10', '0,2,oval,2026-01-31,10'));
    expect([...table.column('width')]).toEqual([Number.NaN, Number.NaN]);
  });

  it('gives back the rows it was written from', async () => {
    const measure = fc.double({ min: 0.001, max: 1e6, noNaN: true });
    const row: fc.Arbitrary<Row> = fc.record({
      width: measure,
      height: measure,
      kind: fc.nat(2),
      cut: fc.integer({ min: Date.UTC(1900), max: Date.UTC(2100) }),
      price: measure,
    });
    const any = fc.asyncProperty(fc.array(row, { minLength: 1 }), async (rows) => {
      const written = rows.map(({ width, height, kind, cut, price }) =>
        [width, height, ['round', 'oval', 'pear'][kind], new Date(cut).toISOString(), price].join(),
      );
      const { table } = await read(lines(...written));
      for (const name of ['width', 'height', 'kind', 'cut'] as const) {
        expect([...table.column(name)]).toEqual(rows.map((one) => one[name]));
      }
      const record = Object.fromEntries(
        HEADER.split(',').map((name, i) => [name, written[0]!.split(',')[i]!]),
      );
      expect(instanceAt(PLAIN, table, 0)).toEqual(toInstance(PLAIN, record));
    });
    await fc.assert(any, { numRuns: 25 });
  });
});

describe('a CSV dataset that is wrong', () => {
  const refusal = (message: RegExp) => ({
    name: 'LapidaryError',
    code: 'invalid_dataset',
    message: expect.stringMatching(message),
  });

  it.each([
    ['a number that is none', lines(ROW, `abc${ROW.slice(1)}`), /line 3, width: must be a number/],
    ['an unknown category', lines('1,2,square,2026-01-31,10'), /line 2, kind: "square"/],
    ['a moment that is none', lines('1,2,oval,soon,10'), /line 2, cut: must be an ISO 8601/],
    ['a value out of range', lines('1,-2,oval,2026-01-31,10'), /line 2, height: must be 0 to/],
    ['no value where one has to be', lines('1,,oval,2026-01-31,10'), /line 2, height/],
    ['a target that is no number', lines('1,2,oval,2026-01-31,dear'), /line 2, price: must be/],
    ['no target', lines('1,2,oval,2026-01-31,'), /line 2, price: must be a number/],
    ['an infinite target', lines('1,2,oval,2026-01-31,Infinity'), /line 2, price/],
    ['too few columns', lines(ROW, '1,2,oval'), /got 3 on line 3/],
    ['too many columns', lines(ROW, `${ROW},7`), /got 6 on line 3/],
    ['a quote that never ends', lines(`"${ROW}`), /Quote Not Closed.* line 2/],
    ['a quote inside of a field', lines('1,2,ov"al,2026-01-31,10'), /line 2/],
    ['no column of a feature', 'width,height,cut,price\n1,2,2026-01-31,10\n', /line 1: .* kind/],
    ['no column of the target', 'width,height,kind,cut\n1,2,oval,2026-01-31\n', /line 1: .* price/],
    ['nothing in it', '', /\S/],
  ])('with %s is refused, by line', async (_what, text, message) => {
    await expect(read(text)).rejects.toMatchObject(refusal(message));
  });

  it.each(['0', '-1'])('with a target of %s, that has no logarithm, is refused', async (price) => {
    const reading = read(lines(ROW, `1,2,oval,2026-01-31,${price}`), LOG);
    await expect(reading).rejects.toMatchObject(refusal(/line 3, price/));
  });

  it('tells of many faults at once, but not of all', async () => {
    const bad = `abc,2,square${ROW.slice(8)}`;
    const error = await read(lines(...Array(500).fill(bad))).catch((thrown) => thrown);
    expect(error.faults).toHaveLength(20);
    expect(error.faults.slice(0, 3)).toMatchObject([
      { instance: 2, field: 'width', code: 'wrong_type' },
      { instance: 2, field: 'kind', code: 'unknown_category' },
      { instance: 3, field: 'width', code: 'wrong_type' },
    ]);
  });

  it('passes on what went wrong with reading it', async () => {
    const broken = {
      origin: 'shapes.csv',
      async *read() {
        yield Buffer.from(lines(ROW));
        throw new Error('the connection was lost');
      },
    };
    await expect(readDataset(broken, PLAIN)).rejects.toThrow('the connection was lost');
  });
});
