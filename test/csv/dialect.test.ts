import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Dialect, sniffDialect } from '../../src/csv/dialect.js';
import { CsvWriter } from '../../src/csv/writer.js';

const sniff = (text: string, given: Partial<Dialect> = {}, whole = true) =>
  sniffDialect(Buffer.from(text), given, whole);

describe('a dialect', () => {
  it.each<[string, string, Partial<Dialect>]>([
    ['of RFC 4180', 'a,b\r\n1,2\r\n', { delimiter: ',', lineBreak: 'crlf' }],
    [
      'of Unix',
      'a,b\n1.5,2\n',
      { delimiter: ',', lineBreak: 'lf', decimalComma: false, bom: false },
    ],
    ['of an old Macintosh', 'a,b\r1,2\r', { delimiter: ',', lineBreak: 'cr' }],
    [
      'of Excel in Germany',
      '\uFEFFa;b\r\n1,5;x\r\n',
      { delimiter: ';', decimalComma: true, bom: true },
    ],
    ['with tabs', 'a\tb, c\n1,5\t2,25\n', { delimiter: '\t', decimalComma: true }],
    ['with bars', 'a|b\n1.5|2\n', { delimiter: '|', decimalComma: false }],
    [
      'with semicolons and points',
      'a;b\n1.5;2\n1.234;3\n',
      { delimiter: ';', decimalComma: false },
    ],
    ['with thousands', 'a;b\n1.234,50;1.234\n2.5;1.234,5\n', { decimalComma: true }],
    ['with nothing but thousands', 'a;b\n1.234;2.345\n', { decimalComma: false }],
    ['with commas in every row', 'a, b;c\n1,5;2,5\n3,5;4\n5;6\n', { delimiter: ';' }],
    ['with other delimiters in quotes', '"a;x","b;y"\n"1;2","3\n4"\n', { delimiter: ',' }],
    ['with one column', 'a\n1\n2\n', { delimiter: ',', decimalComma: false }],
    ['with line breaks of another kind in quotes', '"a\n",b\r\n1,2\r\n', { lineBreak: 'crlf' }],
    ['with a header alone', 'a;b', { delimiter: ';' }],
    [
      'with a quote that is never closed',
      'a;b\n1;2\n1,5;2\n3;"4\n',
      { delimiter: ';', decimalComma: true },
    ],
    ['of a file without bytes', '', { delimiter: ',', lineBreak: 'lf' }],
  ])('%s is found', (_what, text, dialect) => expect(sniff(text)).toMatchObject(dialect));

  it('is found, whatever it is and wherever the bytes are cut', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abc ,.;\t|"\n'), maxLength: 6 });
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0.25);
    const property = fc.property(
      fc.array(fc.tuple(number, number, word, number), { minLength: 8, maxLength: 20 }),
      fc.constantFrom<[string, boolean][]>(
        [',', false],
        [';', false],
        [';', true],
        ['\t', true],
        ['|', false],
      ),
      fc.constantFrom<Dialect['lineBreak'][]>('lf', 'crlf'),
      fc.boolean(),
      fc.nat(30),
      (rows, [delimiter, decimalComma], lineBreak, bom, missing) => {
        const dialect = { delimiter, decimalComma, lineBreak, bom };
        const writer = new CsvWriter(dialect);
        for (const name of ['width', 'height, cm', 'a name', 'price']) writer.text(name);
        writer.endRow();
        for (const [a, b, text, c] of rows) {
          writer.number(a);
          writer.number(b);
          writer.text(text);
          writer.number(c);
          writer.endRow();
        }
        const bytes = writer.take();
        expect(sniffDialect(bytes.subarray(0, bytes.length - missing), {}, missing === 0)).toEqual(
          dialect,
        );
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('may be given, in part or whole', () => {
    const text = 'a;b\n1,5;2\n';
    expect(sniff(text, { decimalComma: false })).toMatchObject({
      delimiter: ';',
      decimalComma: false,
    });
    expect(sniff(text, { delimiter: ',' })).toMatchObject({ delimiter: ',', decimalComma: false });
    const given: Dialect = { delimiter: ':', lineBreak: 'cr', decimalComma: true, bom: false };
    expect(sniff(text, given)).toEqual(given);
    expect(sniff(text, { bom: true })).toMatchObject({ bom: false });
    expect(sniff(`\uFEFF${text}`, { bom: false })).toMatchObject({ bom: false });
  });

  it.each(['', 'ab', '"', '\n', '\r', '1', 'e', '.', '-', 'ß', '§', '🙂'])(
    'cannot have %j for a delimiter',
    (delimiter) => expect(() => sniff('a,b\n', { delimiter })).toThrow('cannot be a delimiter'),
  );
});
