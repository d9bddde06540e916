import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sha256 } from '../../src/core/checksum.js';
import { appendRows, type RowBlock } from '../../src/ml/rows.js';
import type { Spec } from '../../src/ml/spec.js';
import { isTestRow } from '../../src/ml/split.js';
import { instanceAt, openDataset, targetAt } from '../../src/rows/open.js';
import { type Row, specOf } from '../ml/encoding/shapes.js';
import { columnOf } from '../ml/records.js';

const PLAIN = specOf({ encode: 'oneHot', feature: 'kind' });
const LOG = { ...PLAIN, target: { name: 'price', transform: 'log' as const } };
const HEADER = 'width,height,kind,cut,price';
const ROW = '1,2,oval,2026-01-31,10';

/** Reads a CSV that arrives in pieces of some size, and puts both sides of its split in order again. */
async function read(text: string, spec: Spec = PLAIN, size = 1 << 16) {
  const bytes = Buffer.from(text);
  const dataset = openDataset(
    {
      origin: 'shapes.csv',
      format: 'csv',
      async *read() {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      },
    },
    spec,
  );
  const sides: Record<'training' | 'test', RowBlock[]> = { training: [], test: [] };
  for await (const { training, test } of dataset.blocks()) {
    sides.training.push(training);
    sides.test.push(test);
  }
  const [training, test] = [appendRows(sides.training), appendRows(sides.test)];
  const width = spec.features.length;
  const rows = { training: 0, test: 0 };
  const block = appendRows(
    Array.from({ length: training.count + test.count }, (_, i) => {
      const [side, from] = isTestRow(i)
        ? (['test', test] as const)
        : (['training', training] as const);
      const row = rows[side]++;
      return {
        count: 1,
        values: from.values.slice(row * width, (row + 1) * width),
        targets: from.targets.slice(row, row + 1),
      };
    }),
  );
  return { block, training, test, origin: dataset.origin, checksum: dataset.checksum };
}

const lines = (...rows: string[]) => `${[HEADER, ...rows].join('\n')}\n`;

describe('a CSV dataset', () => {
  it('becomes the columns that the spec names', async () => {
    const { block, origin } = await read(lines(ROW, '-0.5,2e3,pear,2026-01-31T12:00,20.5'));
    const column = (name: string) => [...columnOf(PLAIN, block, name)];
    expect(origin).toBe('shapes.csv');
    expect(block.count).toBe(2);
    expect(column('width')).toEqual([1, -0.5]);
    expect(column('height')).toEqual([2, 2000]);
    expect(column('kind')).toEqual([1, 2]);
    expect(column('cut')).toEqual([Date.UTC(2026, 0, 31), Date.UTC(2026, 0, 31, 12)]);
    expect([...block.targets]).toEqual([10, 20.5]);
  });

  it.each([
    ['with a byte order mark', `\uFEFF${lines(ROW)}`],
    ['of Windows', lines(ROW).replaceAll('\n', '\r\n')],
    ['without a last line break', lines(ROW).trimEnd()],
    ['in quotes', '"width","height","kind","cut","price"\n"1","2","oval","2026-01-31","10"\n'],
    ['with columns in another order', 'price,kind,cut,height,width\n10,oval,2026-01-31,2,1\n'],
    ['with more columns', `note,${HEADER}\n"a ""b"", c\nd",${ROW}\n`],
  ])('%s has the same rows', async (_what, text) => {
    const { block } = await read(text);
    expect(instanceAt(PLAIN, block, 0)).toEqual({
      width: 1,
      height: 2,
      kind: 'oval',
      cut: '2026-01-31T00:00:00.000Z',
    });
    expect([...block.targets]).toEqual([10]);
  });

  it('has a checksum of its bytes, however they arrive', async () => {
    const text = `\uFEFF${lines(ROW, ROW.replace('oval', '"pear"'))}`;
    const whole = await read(text);
    const bytewise = await read(text, PLAIN, 1);
    expect(whole.checksum).toBe(sha256(Buffer.from(text)));
    expect(bytewise).toEqual(whole);
  });

  it('may lack values of what may be missing', async () => {
    const { block } = await read(lines(',2,oval,2026-01-31,10', '0,2,oval,2026-01-31,10'));
    expect([...columnOf(PLAIN, block, 'width')]).toEqual([Number.NaN, Number.NaN]);
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
      const { block } = await read(lines(...written));
      for (const name of ['width', 'height', 'kind', 'cut'] as const) {
        expect([...columnOf(PLAIN, block, name)]).toEqual(rows.map((one) => one[name]));
      }
      expect([...block.targets]).toEqual(rows.map(({ price }) => price));
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
    ['a moment that is none', lines('1,2,oval,soon,10'), /line 2, cut: must be a date/],
    ['a value out of range', lines('1,-2,oval,2026-01-31,10'), /line 2, height: must be 0 to/],
    ['no value where one has to be', lines('1,,oval,2026-01-31,10'), /line 2, height/],
    ['a target that is no number', lines('1,2,oval,2026-01-31,dear'), /line 2, price: must be/],
    ['no target', lines('1,2,oval,2026-01-31,'), /line 2, price: is missing/],
    ['an infinite target', lines('1,2,oval,2026-01-31,Infinity'), /line 2, price/],
    ['too few columns', lines(ROW, '1,2,oval'), /line 3: expected 5 fields, got 3/],
    ['too many columns', lines(ROW, `${ROW},7`), /line 3: expected 5 fields, got 6/],
    ['a quote that never ends', lines(`"${ROW}`), /line 2: .* never closed/],
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

  it('reports many faults at once, but not all', async () => {
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
      format: 'csv' as const,
      async *read() {
        yield Buffer.from(lines(ROW));
        throw new Error('the connection was lost');
      },
    };
    const reading = openDataset(broken, PLAIN).blocks().next();
    await expect(reading.then(() => undefined)).rejects.toThrow('the connection was lost');
  });
});

describe('the rows of a dataset', () => {
  it('are held out for testing by their place alone', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => `1,2,oval,2026-01-31,${i}`);
    const { training, test } = await read(lines(...rows));
    expect([...test.targets]).toEqual([...rows.keys()].filter(isTestRow));
    expect(training.count + test.count).toBe(3000);
  });
});

describe('a target of classes', () => {
  const CLASSES: Spec = {
    ...PLAIN,
    task: 'classification',
    target: { name: 'price', classes: ['cheap', 'dear'] },
  };

  it('is the index of its class', async () => {
    const { block } = await read(
      lines('1,2,oval,2026-01-31,dear', '1,2,oval,2026-01-31,"cheap"'),
      CLASSES,
    );
    expect([...block.targets]).toEqual([1, 0]);
    expect(targetAt(CLASSES, block, 0)).toBe('dear');
  });

  it('may be separated by a number', async () => {
    const above = { ...CLASSES, target: { ...CLASSES.target, above: 15 } };
    const { block } = await read(
      lines(ROW, ROW.replace(/10$/, '15.5'), ROW.replace(/10$/, '15')),
      above,
    );
    expect([0, 1, 2].map((row) => targetAt(above, block, row))).toEqual(['cheap', 'dear', 'cheap']);
  });

  it('that is none of them is refused, by line', async () => {
    await expect(read(lines('1,2,oval,2026-01-31,gratis'), CLASSES)).rejects.toThrow(
      /line 2, price: "gratis" is not one of its classes/,
    );
  });
});
