import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCsv } from '../../src/csv/reader.js';
import { CsvWriter } from '../../src/csv/writer.js';
import { cut, delimiters, field, oracle, quote, readAll } from './support.js';

const COMMAS = { delimiter: ',', lineBreak: 'lf' } as const;
const BREAKS = { lf: '\n', crlf: '\r\n', cr: '\r' } as const;
const lineBreaks = fc.constantFrom<(keyof typeof BREAKS)[]>('lf', 'crlf', 'cr');
/** How the bytes arrive, and how many are looked at at once. */
const pieces = fc.record({
  size: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 40 }), fc.constant(1 << 16)),
  windowBytes: fc.oneof(fc.integer({ min: 4, max: 40 }), fc.constant(1 << 16)),
});

const refusal = (message: string | RegExp) => ({
  name: 'LapidaryError',
  code: 'invalid_dataset',
  message:
    typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
});

describe('reading CSV', () => {
  it('gives the fields that csv-parse gives', async () => {
    const table = fc.integer({ min: 1, max: 5 }).chain((columns) => {
      const cell = fc.tuple(field, fc.boolean());
      return fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), {
        maxLength: 12,
      });
    });
    const property = fc.asyncProperty(
      table,
      fc.record({ delimiter: delimiters, lineBreak: lineBreaks, bom: fc.boolean() }),
      pieces,
      fc.boolean(),
      fc.boolean(),
      async (rows, dialect, cutting, empties, ended) => {
        const columns = rows[0]?.length ?? 1;
        const header = Array.from({ length: columns }, (_, i) => `"column ${i}"`);
        const end = BREAKS[dialect.lineBreak];
        const lines = [
          header,
          ...rows.map((row) => row.map(([text, anyway]) => quote(text, anyway))),
        ]
          .map((row) => row.join(dialect.delimiter))
          .join(empties ? end + end : end);
        const text = `${dialect.bom ? '\uFEFF' : ''}${lines}${ended ? end : ''}`;
        const read = await readAll(text, {
          dialect: { ...dialect, decimalComma: false },
          ...cutting,
        });
        const [names, ...expected] = oracle(text, dialect.delimiter, dialect.lineBreak);
        expect(read.header).toEqual(names);
        expect(read.rows.map((row) => row.fields)).toEqual(expected);
        for (const row of read.rows) {
          const again = oracle(`${row.raw}${end}`, dialect.delimiter, dialect.lineBreak);
          expect(again).toEqual([row.fields]);
        }
      },
    );
    await fc.assert(property, { numRuns: 400 });
  });

  it('agrees with csv-parse on the fields of whatever that takes', async () => {
    const units = ['a', '"', '"', ',', ',', '\n', '\r\n', '\r', '""', 'ß', ' ', '\n"'];
    const property = fc.asyncProperty(
      fc.string({ unit: fc.constantFrom(...units), maxLength: 25 }),
      fc.integer({ min: 1, max: 3 }),
      pieces,
      async (body, columns, cutting) => {
        const text = `${['x', 'y', 'z'].slice(0, columns)}\n${body}`;
        const ours = await readAll(text, {
          dialect: COMMAS,
          ...cutting,
        }).then(
          ({ rows }) => rows.map((row) => row.fields),
          (error) => error.code,
        );
        let theirs: unknown;
        try {
          theirs = oracle(text, ',', 'lf').slice(1);
        } catch {
          // It is stricter: about quotes within fields, and empty fields behind the last.
          expect(['object', 'string']).toContain(typeof ours);
          return;
        }
        expect(ours).toEqual(theirs);
      },
    );
    await fc.assert(property, { numRuns: 2000 });
  });

  it('gives the same however the bytes arrive, bad rows too', async () => {
    const units = ['a', '"', ',', '\n', '\r\n', '""', '\n1,2\n', '"x"'];
    const property = fc.asyncProperty(
      fc.string({ unit: fc.constantFrom(...units), maxLength: 30 }),
      // What is told by the first rows is told by all of them.
      pieces.map((cutting) => ({ ...cutting, windowBytes: 256 })),
      async (body, cutting) => {
        const options = {
          onBadRow: 'quarantine',
          dialect: COMMAS,
        } as const;
        const [one, other] = await Promise.allSettled([
          readAll(`x,y\n${body}`, options),
          readAll(`x,y\n${body}`, { ...options, ...cutting }),
        ]);
        expect(other).toEqual(one);
      },
    );
    await fc.assert(property, { numRuns: 500 });
  });

  it('tells the line on which a row begins', async () => {
    const text = 'a,b\n\n1,"x\ny\n"\r\n\r\n2,3\n"\n",4\n5,6';
    const { rows } = await readAll(text);
    expect(rows.map((row) => row.line)).toEqual([3, 7, 8, 10]);
    expect(rows.map((row) => row.raw)).toEqual(['1,"x\ny\n"', '2,3', '"\n",4', '5,6']);
  });

  it('tells a field in quotes from one that is not', async () => {
    const csv = await readCsv(cut('a,b,c\n,"","""x"""\n'));
    for await (const block of csv.blocks()) {
      expect([0, 1, 2].map((column) => block.quoted(0, column))).toEqual([false, true, true]);
      expect([0, 1, 2].map((column) => block.text(0, column))).toEqual(['', '', '"x"']);
    }
  });

  it('bears bytes that are not UTF-8', async () => {
    const { rows } = await readAll(Buffer.from('a,b\n\xe9t\xe9,\xff\n', 'latin1'));
    expect(rows[0]!.fields).toEqual(['\uFFFDt\uFFFD', '\uFFFD']);
  });

  it('reads rows and records larger than its window, and more rows than a block holds', async () => {
    const long = 'long "text"\n'.repeat(40_000);
    const writer = new CsvWriter();
    const expected: string[][] = [];
    for (let i = 0; i < 50_000; i++) {
      const row = [String(i), i % 20_000 === 7 ? long : `text ${i}`];
      for (const text of row) writer.text(text);
      writer.endRow();
      expected.push(row);
    }
    const bytes = Buffer.concat([Buffer.from('id,text\n'), writer.take()]);
    const { rows } = await readAll(bytes, { size: 100_003 });
    expect(rows.length).toBe(expected.length);
    expect(rows.every((row, i) => row.fields.every((text, j) => text === expected[i]![j]))).toBe(
      true,
    );
    expect(rows.at(-1)!.line).toBe(50_001 + 3 * 40_000);
  });

  it('lets go of a file that is not read to its end', async () => {
    let closed = 0;
    async function* source() {
      try {
        for (;;) yield Buffer.from('a,b\n'.padEnd(4000, '1,2\n'));
      } finally {
        closed++;
      }
    }
    const csv = await readCsv(source());
    for await (const block of csv.blocks()) if (block.rows > 0) break;
    expect(closed).toBe(1);
    await expect(readCsv(source(), { dialect: { delimiter: 'x' } })).rejects.toThrow(
      '"x" cannot be',
    );
    expect(closed).toBe(2);
  });
});

describe('CSV that is wrong', () => {
  it.each<[string, string, string]>([
    [
      'a quote that is never closed',
      'a,b\n1,2\n3,"x\n\n',
      'line 3: column 2 (b) has an opening quote that is never closed',
    ],
    [
      'text after a quote',
      'a,b\n1,"x\ny"z\n',
      'line 3: column 2 (b) has text after its closing quote',
    ],
    [
      'a stray quote and a field too many',
      'a,b\n1,2\n3 "x,y",4\n',
      'line 3: column 1 (a) has a quote but does not begin with it, and the row has another number of fields',
    ],
    ['too few fields', 'a,b,c\n\n1,2\n', 'line 3: expected 3 fields, got 2'],
    ['too many fields', 'a\n1,2\n', 'line 2: expected 1 field, got 2'],
    ['nothing in it', '', 'the file is empty, without a header'],
    ['only empty lines', '\n\r\n\n', 'the file is empty, without a header'],
    ['only a byte order mark', '\uFEFF', 'the file is empty, without a header'],
    ['no name for any column', '"",\n1,2\n', 'line 1: no column has a name'],
    ['a bad header', '"a"b,c\n1,2\n', 'line 1: column 1 has text after its closing quote'],
  ])('with %s is refused, by line and column', async (_what, text, message) => {
    for (const size of [4, 7, 1000]) {
      const options = { dialect: COMMAS, windowBytes: size };
      await expect(readAll(text, { size })).rejects.toMatchObject(refusal(message));
      await expect(readAll(text, options)).rejects.toMatchObject(refusal(message));
    }
  });

  it('with a record that is too long is refused, wherever it is cut', async () => {
    const read = (text: string, size: number) =>
      readAll(text, { dialect: COMMAS, windowBytes: size, maxRecordBytes: 10 });
    for (const size of [1, 7, 1000]) {
      await expect(read('a,b\n1234,56789\n', size)).resolves.toMatchObject({ rows: [{ line: 2 }] });
      await expect(read('a,b\n\n1234,567890\n1,2\n', size)).rejects.toMatchObject(
        refusal('line 3: the record is longer than 10 bytes; is a quote not closed?'),
      );
      await expect(read('a,b\n1,"\n\n\n\n\n\n\n\n', size)).rejects.toMatchObject(
        refusal(/^line 2: /),
      );
    }
  });

  it('with a quote open for longer than a record may be is refused early', async () => {
    let given = 0;
    async function* source() {
      yield Buffer.from('a,b\n1,"');
      for (; ; given++) yield Buffer.alloc(1 << 16, '1,2\n');
    }
    const csv = await readCsv(source(), { maxRecordBytes: 1 << 20 });
    await expect(csv.blocks().next()).rejects.toMatchObject(refusal(/^line 2: .* 1048576 bytes/));
    expect(given).toBeLessThan(64);
  });

  it('gives its good rows, and its bad ones with the reason', async () => {
    const text = 'a,b\n1,2\r\n1,2,3\r\n4"5",6\n7,"8"9\n"\n"x,1\n\n10,11\n12';
    const { rows, bad } = await readAll(text, { onBadRow: 'quarantine' });
    expect(rows).toEqual([
      { line: 2, fields: ['1', '2'], raw: '1,2' },
      { line: 4, fields: ['4"5"', '6'], raw: '4"5",6' },
      { line: 9, fields: ['10', '11'], raw: '10,11' },
    ]);
    const after = 'has text after its closing quote';
    expect(bad).toEqual([
      { line: 3, column: undefined, message: 'expected 2 fields, got 3', raw: '1,2,3' },
      { line: 5, column: 2, message: `column 2 (b) ${after}`, raw: '7,"8"9' },
      { line: 7, column: 1, message: `column 1 (a) ${after}`, raw: '"\n"x,1' },
      { line: 10, column: undefined, message: 'expected 2 fields, got 1', raw: '12' },
    ]);
  });

  it('cannot be gone on with after a quote that is never closed', async () => {
    const reading = readAll('a,b\n1\n"', { onBadRow: 'quarantine' });
    await expect(reading).rejects.toMatchObject(refusal(/^line 3: .* never closed/));
  });

  it('may be nothing but bad rows', async () => {
    const { rows, bad } = await readAll(`a,b\n${'x\n'.repeat(10_000)}1,2\n`, {
      onBadRow: 'quarantine',
    });
    expect(rows.map((row) => row.line)).toEqual([10_002]);
    expect(bad.map((row) => row.line)).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 2));
  });
});
