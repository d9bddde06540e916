import { describe, expect, it } from '@jest/globals';
import { readCsv } from '../../src/csv/reader.js';
import { cut } from './support.js';

/** All of a file: what its columns are called, its rows, and what was remarked. */
async function read(text: string, options: Parameters<typeof readCsv>[1] = {}) {
  const remarks: string[] = [];
  const csv = await readCsv(cut(text), { ...options, onRemark: (remark) => remarks.push(remark) });
  const rows: string[][] = [];
  const lines: number[] = [];
  for await (const block of csv.blocks()) {
    for (let row = 0; row < block.rows; row++) {
      rows.push(csv.header.map((_, column) => block.text(row, column)));
      lines.push(block.lines[row]!);
    }
  }
  return { csv, names: csv.header, rows, lines, remarks: remarks.join('; ') };
}

const ROWS = [
  ['1', 'x'],
  ['2', 'y'],
  ['3', 'z'],
];

describe('a CSV file of', () => {
  it.each<[string, string, string[], string[][], string]>([
    [
      'df.to_csv(): an index without a name',
      ',a,b\n0,1,x\n1,2,y\n2,3,z\n',
      ['Unnamed: 0', 'a', 'b'],
      [
        ['0', '1', 'x'],
        ['1', '2', 'y'],
        ['2', '3', 'z'],
      ],
      'columns without a name are called "Unnamed: 0"',
    ],
    [
      'df.to_csv() of what read_csv() read: its old index has a name by now',
      ',Unnamed: 0,a\n0,0,x\n1,1,y\n',
      ['Unnamed: 0.1', 'Unnamed: 0', 'a'],
      [
        ['0', '0', 'x'],
        ['1', '1', 'y'],
      ],
      'called "Unnamed: 0.1"',
    ],
    [
      'df.to_csv() with a MultiIndex',
      ',,a\nx,0,1\nx,1,2\ny,0,3\n',
      ['Unnamed: 0', 'Unnamed: 1', 'a'],
      [
        ['x', '0', '1'],
        ['x', '1', '2'],
        ['y', '0', '3'],
      ],
      'called "Unnamed: 0", "Unnamed: 1"',
    ],
    [
      "R's write.csv",
      '"","a","b"\n"1",1,"x"\n"2",2,"y"\n',
      ['Unnamed: 0', 'a', 'b'],
      [
        ['1', '1', 'x'],
        ['2', '2', 'y'],
      ],
      '"Unnamed: 0"',
    ],
    [
      "R's write.table(sep = ','): the rows have names, the header has none for them",
      '"a","b"\n"1",1,"x"\n"2",2,"y"\n"3",3,"z"\n',
      ['Unnamed: 0', 'a', 'b'],
      [
        ['1', '1', 'x'],
        ['2', '2', 'y'],
        ['3', '3', 'z'],
      ],
      'the rows have one field more than the header: the first names the row',
    ],
    [
      'lines that end with a delimiter, the header too',
      'a,b,\n1,x,\n2,y,\n3,z,\n',
      ['a', 'b', 'Unnamed: 2'],
      ROWS.map((row) => [...row, '']),
      '"Unnamed: 2"',
    ],
    [
      'rows that end with a delimiter, which the header does not',
      'a,b\n1,x,\n2,y,\n3,z,\n',
      ['a', 'b'],
      ROWS,
      'the rows end with a delimiter that the header does not have: ignored',
    ],
    [
      'a header that ends with delimiters, which the rows do not',
      'a,b,,\n1,x\n2,y\n3,z\n',
      ['a', 'b'],
      ROWS,
      'the header ends with a delimiter that the rows do not have: ignored',
    ],
    ['one row with empty fields behind it', 'a,b\n1,x\n2,y, ,\n3,z\n', ['a', 'b'], ROWS, ''],
    ['blanks around names', ' a , b\u00a0\n1,x\n2,y\n3,z\n', ['a', 'b'], ROWS, ''],
    [
      'blanks around quotes',
      'a, "b"\n1, "x" \n2 ,"y"\n3,"z" \r\n',
      ['a', 'b'],
      [
        ['1', 'x'],
        ['2 ', 'y'],
        ['3', 'z'],
      ],
      '',
    ],
    [
      'names that blanks alone tell apart',
      'a, a\n1,x\n2,y\n3,z\n',
      ['a', ' a'],
      ROWS,
      'the names of two columns differ in blanks alone: "a" and " a"',
    ],
    [
      'sep=; from Excel',
      'sep=;\r\na;b\r\n1;x\r\n2;y\r\n3;z\r\n',
      ['a', 'b'],
      ROWS,
      'line 1, "sep=;", names the delimiter',
    ],
    [
      'sep=, in quotes behind a mark, with more delimiters behind it',
      '\ufeff"sep=,";;\na,b\n1,x\n2,y\n3,z\n',
      ['a', 'b'],
      ROWS,
      'names the delimiter',
    ],
    ['SEP= and a tab', 'SEP=\t\na\tb\n1\tx\n2\ty\n3\tz\n', ['a', 'b'], ROWS, 'names'],
    [
      'comments before the header',
      '# made by a logger; 2024, v3\n#\na,b\n1,x\n2,y\n3,z\n',
      ['a', 'b'],
      ROWS,
      'line 1 is a comment and is skipped: # made by a logger; 2024, v3; line 2 is a comment',
    ],
    [
      'a header that begins with #, as numpy.savetxt writes it',
      '# a,b\n1,x\n2,y\n3,z\n',
      ['# a', 'b'],
      ROWS,
      '',
    ],
    ['a header alone that begins with #', '#a,b\n', ['#a', 'b'], [], ''],
    [
      'names with line breaks in them, as Excel wraps cells',
      '"a\n(kg)","b\r\n  of it"\n1,x\n2,y\n3,z\n',
      ['a (kg)', 'b of it'],
      ROWS,
      '',
    ],
    [
      'quotes within fields',
      'a,b\n27" wide,x\n2,O"Neil\n',
      ['a', 'b'],
      [
        ['27" wide', 'x'],
        ['2', 'O"Neil'],
      ],
      '',
    ],
    ['a Macintosh of old', 'a,b\r1,x\r2,y\r3,z\r', ['a', 'b'], ROWS, ''],
    ['CSV UTF-8 from Excel', '\ufeffa;b\r\n1;x\r\n2;y\r\n3;z\r\n', ['a', 'b'], ROWS, ''],
    ['a mark before a quoted name', '\ufeff"a","b"\n1,x\n2,y\n3,z\n', ['a', 'b'], ROWS, ''],
    ['decomposed accents in names', 'cafe\u0301,b\n1,x\n2,y\n3,z\n', ['café', 'b'], ROWS, ''],
  ])('%s', async (_what, text, names, rows, remark) => {
    const found = await read(text);
    expect(found.names).toEqual(names);
    expect(found.rows).toEqual(rows);
    if (remark === '') expect(found.remarks).toBe('');
    else expect(found.remarks).toContain(remark);
  });

  it('a title above the header is refused, by its line', async () => {
    for (const onBadRow of ['throw', 'quarantine'] as const) {
      await expect(read('Sales 2024\n\na,b,c\n1,2,3\n4,5,6\n', { onBadRow })).rejects.toThrow(
        'line 1: it has 1 field, and the lines below it have 3; the first line must name the columns: is this one a title?',
      );
    }
  });

  it('a title with empty cells behind it, as a spreadsheet is saved, is refused, too', async () => {
    const text = 'Sales 2024,,\na,b,c\n1,2,3\n4,5,6\n';
    await expect(read(text)).rejects.toThrow('line 1: it names one of 3 columns; the first line');
    expect((await read('a,,\n1,,\n2,,\n3,,\n')).names).toEqual(['a', 'Unnamed: 1', 'Unnamed: 2']);
  });

  it('a row of too many fields is still wrong', async () => {
    await expect(read('a,b\n1,2\n3,4,5\n')).rejects.toThrow(
      'line 3: expected 2 fields, got 3; text with a delimiter, a quote or a line break must be quoted',
    );
    await expect(read('a,b\n1,2\n3,",,"\n4,5,","\n')).rejects.toThrow('line 4: expected 2');
  });

  it('a row of too few fields names what may be missing', async () => {
    await expect(read('a,b\n1,2\n3\n')).rejects.toThrow(
      'line 3: expected 2 fields, got 1; an empty field at the end needs its delimiter, too',
    );
  });

  it('counts lines from the first of the file', async () => {
    const { lines, csv } = await read('sep=,\n# x\n\na,b\n1,2\n\n3,4\n');
    expect([csv.headerLine, lines]).toEqual([4, [5, 7]]);
  });

  it('is written again as it was: rows without what is behind them, names as they stand', async () => {
    const csv = await readCsv(cut(' a,b\n1,2, ,\n'));
    for await (const block of csv.blocks()) expect(block.raw(0).toString()).toBe('1,2');
    expect(csv.titles).toEqual([' a', 'b']);
  });

  it('is found by names as they stand, without blanks, and in either spelling of Unicode', async () => {
    const { csv } = await read(' a,cafe\u0301,"x\ny",x,x\n');
    const names = [' a', 'a', 'café', 'cafe\u0301', 'x\ny', 'x y', 'z'];
    expect(names.map((name) => csv.find(name))).toEqual([0, 0, 1, 1, 2, 2, -1]);
    expect(() => csv.find('x')).toThrow(
      'line 1: two columns are called x, columns 4 and 5: rename one of them',
    );
  });

  it('is read as one says, whatever it looks like', async () => {
    const { names } = await read('sep=;\na;b,c\n1;2,3\n', { dialect: { delimiter: ',' } });
    expect(names).toEqual(['a;b', 'c']);
  });
});

describe('columns with blanks between them', () => {
  const rows = [
    ['1', 'x y'],
    ['-2.5', 'z'],
  ];

  it.each([
    ['one blank', 'a b\n1 "x y"\n-2.5 z\n'],
    ['many', '    a   b\n    1   "x y"\n -2.5   z\n'],
    ['blanks at the ends of lines', 'a   b  \r\n1   "x y" \r\n-2.5 z \r\n'],
  ])('are read: %s', async (_what, text) => {
    const file = await read(text);
    expect([file.names, file.rows]).toEqual([['a', 'b'], rows]);
    expect(file.remarks).toContain('its columns are separated by blanks');
  });

  it('of which the first names the row are read as R writes them', async () => {
    const file = await read('"a" "b"\n"1" 5 x\n"2" 6 y\n"3" 7 z\n');
    expect([file.names, file.rows[0]]).toEqual([
      ['Unnamed: 0', 'a', 'b'],
      ['1', '5', 'x'],
    ]);
  });

  it.each([
    ['one column of words', 'a\nx y\nz\n', ['a']],
    ['one column whose name has a blank', 'full name\nA\nB C D\n', ['full name']],
    ['another delimiter', 'a b,c d\n1 2,3 4\n', ['a b', 'c d']],
  ])('are not: %s', async (_what, text, names) => {
    const file = await read(text);
    expect([file.names, file.remarks]).toEqual([names, '']);
  });
});

describe('a row that repeats the header', () => {
  const text = 'a,long\n1,x\n\ufeffa,long\n2,y\na,long\n3,long\n';

  it('is skipped, with its line', async () => {
    const file = await read(text);
    expect([file.rows, file.lines]).toEqual([
      [
        ['1', 'x'],
        ['2', 'y'],
        ['3', 'long'],
      ],
      [2, 4, 6],
    ]);
    expect(file.remarks).toBe('lines 3, 5 repeat the header, and are skipped');
  });

  it('is a bad row where these are told apart', async () => {
    const csv = await readCsv(cut(text), { onBadRow: 'quarantine' });
    const bad: unknown[] = [];
    for await (const block of csv.blocks())
      for (const row of block.badRows)
        bad.push([row.line, row.message, block.raw(row).toString().trim()]);
    const message = 'the row repeats the header: were files concatenated?';
    expect(bad).toEqual([
      [3, message, 'a,long'],
      [5, message, 'a,long'],
    ]);
  });

  it('is a row where the first line is the header as it stands', async () => {
    expect((await read(text, { exactHeader: true })).rows).toHaveLength(5);
  });
});
