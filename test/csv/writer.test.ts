import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CsvWriter } from '../../src/csv/writer.js';
import { delimiters, field, oracle, readAll } from './support.js';

function write(rows: (string | number)[][], dialect = {}): string {
  const writer = new CsvWriter(dialect);
  for (const row of rows) {
    for (const value of row) typeof value === 'string' ? writer.text(value) : writer.number(value);
    writer.endRow();
  }
  return writer.take().toString();
}

const table = fc
  .integer({ min: 1, max: 4 })
  .chain((columns) => fc.array(fc.array(field, { minLength: columns, maxLength: columns })));

describe('a CSV that is written', () => {
  it('is read as what was written, by us and by csv-parse', async () => {
    const property = fc.asyncProperty(
      table,
      fc.record({
        delimiter: delimiters,
        lineBreak: fc.constantFrom('lf', 'crlf', 'cr'),
        bom: fc.boolean(),
      }),
      async (rows, dialect) => {
        const header = Array.from({ length: rows[0]?.length ?? 1 }, (_, i) => `column ${i}`);
        const text = write([header, ...rows], dialect);
        const read = await readAll(text, { dialect });
        expect(read.rows.map((row) => row.fields)).toEqual(rows);
        expect(oracle(text, dialect.delimiter, dialect.lineBreak).slice(1)).toEqual(rows);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  it('has quotes where they must be, and nowhere else', () => {
    const row = [
      '',
      'plain text',
      'a,b',
      'a;b',
      'say "hi"',
      'two\nlines',
      '\r',
      'Köln',
      ' ',
      '🙂,',
    ];
    expect(write([row, ['']])).toBe(
      ',plain text,"a,b",a;b,"say ""hi""","two\nlines","\r",Köln, ,"🙂,"\n""\n',
    );
    expect(write([['a,b', 'a;b', 'a|b']], { delimiter: ';', lineBreak: 'crlf', bom: true })).toBe(
      '\uFEFFa,b;"a;b";a|b\r\n',
    );
    expect(write([['\uFEFFa', 'b']])).toBe('"\uFEFFa",b\n');
  });

  it('has numbers as String() gives them', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true }),
      fc.integer(),
      fc.float({ noNaN: true }),
      fc.constantFrom(0, -0, 9, 10, 99, 100, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 1e21, 1.5e300),
    );
    const property = fc.property(number, number, (a, b) => {
      expect(write([[a, b]])).toBe(`${a},${b}\n`);
      const [c, d] = [a, b].map((value) => String(value).replace('.', ','));
      expect(write([[a, b]], { delimiter: ';', decimalComma: true })).toBe(`${c};${d}\n`);
    });
    fc.assert(property, { numRuns: 5000 });
    expect(write([[Number.NaN, 1]])).toBe(',1\n');
    expect(write([[1.5, 2]], { decimalComma: true })).toBe('"1,5",2\n');
  });

  it('copies raw rows, grows, and starts again once taken', () => {
    const writer = new CsvWriter();
    const long = Buffer.from(`"${'x'.repeat(100_000)}"`);
    writer.raw(Buffer.from('..1,"a ""b"""..'), 2, 13);
    writer.number(2.5);
    writer.raw(long);
    writer.endRow();
    expect(writer.size).toBe(16 + long.length + 1);
    const first = writer.take();
    writer.text('ß'.repeat(50_000));
    writer.endRow();
    expect(first.toString()).toBe(`1,"a ""b""",2.5,${long}\n`);
    expect(writer.take().toString()).toBe(`${'ß'.repeat(50_000)}\n`);
    expect(writer.size).toBe(0);
  });
});
