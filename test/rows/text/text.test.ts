import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { charsetOf } from '../../../src/api/content-type.js';
import { readText, type TextOptions } from '../../../src/rows/text/text.js';
import { countLines } from '../../../src/rows/text/utf8.js';
import { cut } from '../../csv/support.js';

const WORDS = 'name,n\ncafé,1\nčaj,2\n日本,3\n🙂,4\n';
const WESTERN = 'name,n\ncafé,1\ncafè,2\n“€”,3\n';

/** The text that comes of bytes, and what was remarked. */
async function read(bytes: Uint8Array, options: Partial<TextOptions> & { size?: number } = {}) {
  const { size, ...rest } = options;
  const remarks: string[] = [];
  const all = { format: 'csv', unnamed: 'refused', ...rest } as const;
  const chunks: Uint8Array[] = [];
  const onRemark = (remark: string) => remarks.push(remark);
  for await (const chunk of readText(cut(bytes, size), { ...all, onRemark })) chunks.push(chunk);
  return { text: Buffer.concat(chunks).toString(), remarks };
}

const refusal = (code: string, message: RegExp) => ({
  code,
  message: expect.stringMatching(message),
});

describe('blank lines', () => {
  const refused = refusal('invalid_dataset', /16777216 bytes of blank lines/);
  it.each([
    ['line breaks', Buffer.alloc(17 << 20, '\n')],
    ['spaces and line breaks', Buffer.alloc(17 << 20, '   \r\n')],
    ['after rows', Buffer.concat([Buffer.from('a,b\n1,2\n'), Buffer.alloc(17 << 20, '\n')])],
  ])('without end are refused: %s', async (_what, bytes) => {
    for (const sent of [bytes, gzipSync(bytes)])
      await expect(read(sent, { size: 65_536 })).rejects.toMatchObject(refused);
  });

  it('between rows are read, however many there are together', async () => {
    const text = `a,b\n${`${'\n'.repeat(3 << 20)}1,2\n`.repeat(8)}`;
    expect((await read(Buffer.from(text), { size: 65_536 })).text.length).toBe(text.length);
  });
});

describe('text', () => {
  it('in UTF-8 passes through, however it is cut', async () => {
    const property = fc.asyncProperty(
      fc.string({ unit: fc.constantFrom('a', 'é', '日', '🙂', '\n', '\ufffd'), maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      async (text, size) => {
        expect((await read(Buffer.from(text), { size })).text).toBe(text);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  it.each([
    ['latin1', WESTERN],
    ['ISO-8859-1', WESTERN],
    ['windows-1252', WESTERN],
    ['cp1252', WESTERN],
    ['mac_roman', 'a\ncafé\n'],
    ['iso-8859-15', 'a\n€\n'],
    ['cp850', 'a\ncafé\n'],
    ['shift_jis', 'a\n日本\n'],
    ['gbk', 'a\n日本\n'],
    ['utf-16le', WORDS],
    ['utf-16be', WORDS],
    ['utf-32le', WORDS],
    ['utf-8-sig', WORDS],
  ])('in %s is decoded where that is named, however it is cut', async (charset, text) => {
    const western = /^(latin1|ISO-8859-1)$/.test(charset) ? 'windows-1252' : charset;
    const bytes = charset === 'utf-8-sig' ? Buffer.from(text) : iconv.encode(text, western);
    for (const size of [1, 3, 1000])
      expect(await read(bytes, { charset, size })).toEqual({ text, remarks: [] });
  });

  it.each(['utf-16le', 'utf-16be', 'utf-32le', 'utf-32be'])(
    'in %s is decoded where a mark tells, on every side',
    async (charset) => {
      const { text, remarks } = await read(iconv.encode(`\ufeff${WORDS}`, charset));
      expect([text, remarks]).toEqual([WORDS, [`it is read as ${charset}, by its first bytes`]]);
    },
  );

  it.each(['utf-16le', 'utf-16be'])(
    'in %s without a byte order mark is detected by its zeros',
    async (charset) => {
      const bytes = iconv.encode(WORDS, charset);
      const { text, remarks } = await read(bytes, { unnamed: 'windows-1252' });
      expect([text, remarks]).toEqual([
        WORDS,
        [`it is read as ${charset}, since every other byte is 0`],
      ]);
      await expect(read(bytes)).rejects.toMatchObject(
        refusal('unsupported_charset', new RegExp(`it is probably ${charset}.*charset=NAME`)),
      );
    },
  );

  it('that is not UTF-8 is read as windows-1252 on the command line, with a remark', async () => {
    const bytes = iconv.encode(WESTERN, 'windows-1252');
    for (const size of [1, 5, 1000]) {
      const { text, remarks } = await read(bytes, { unnamed: 'windows-1252', size });
      expect(text).toBe(WESTERN);
      expect(remarks).toEqual([
        'line 2: byte 0xE9 after "caf" is not UTF-8: it is read as windows-1252; --charset names another',
      ]);
    }
  });

  it('that is not UTF-8 is refused elsewhere, by line and byte', async () => {
    const bytes = iconv.encode(WESTERN, 'windows-1252');
    const message = /^line 2: byte 0xE9 after "caf" is not UTF-8; save it as UTF-8, or name/;
    for (const options of [{}, { charset: 'utf-8' }])
      for (const size of [1, 5, 1000])
        await expect(read(bytes, { ...options, size })).rejects.toMatchObject(
          refusal('unsupported_charset', message),
        );
  });

  it('of two charsets is refused, by the line where the second begins', async () => {
    const bytes = Buffer.concat([Buffer.from('a\ncafé\n'), Buffer.from('caf\xe9\n', 'latin1')]);
    for (const size of [1, 5, 1000])
      await expect(read(bytes, { unnamed: 'windows-1252', size })).rejects.toMatchObject(
        refusal('unsupported_charset', /^line 3: byte 0xE9 .* is not UTF-8, and text before it is/),
      );
  });

  it('that ends within a character is refused', async () => {
    const bytes = Buffer.from('a\ncafé').subarray(0, -1);
    await expect(read(bytes)).rejects.toMatchObject(refusal('unsupported_charset', /^line 2/));
  });

  it.each<[string, Buffer, Partial<TextOptions>, RegExp]>([
    ['that is not', Buffer.from('a\n'), { charset: 'klingon' }, /"klingon" is unknown/],
    ['that is not one', Buffer.from('a\n'), { charset: 'base64' }, /"base64" is unknown/],
    [
      'without some of its bytes',
      Buffer.from('a\nx\x81\n', 'latin1'),
      { charset: 'windows-1252' },
      /^line 2: the text after "x" is not windows-1252/,
    ],
  ])('in a charset %s is refused', async (_what, bytes, options, message) => {
    await expect(read(bytes, options)).rejects.toMatchObject(
      refusal('unsupported_charset', message),
    );
  });

  it('that lost characters before is remarked', async () => {
    const { remarks } = await read(Buffer.from('a\ncaf\ufffd\ncaf\ufffd\n'));
    expect(remarks).toEqual(['it contains U+FFFD: characters were lost in an earlier conversion']);
  });

  it('in gzip is unpacked, in any number of members', async () => {
    const bytes = Buffer.concat([gzipSync('a\n'), gzipSync(WORDS)]);
    const { text, remarks } = await read(bytes);
    expect([text, remarks]).toEqual([`a\n${WORDS}`, ['it is gzip and is unpacked']]);
    await expect(read(gzipSync(gzipSync('a\n')))).rejects.toThrow('it is gzip within gzip');
    await expect(read(gzipSync(WORDS).subarray(0, -9))).rejects.toMatchObject({
      code: 'invalid_gzip',
      message: 'the gzip data is incomplete: pack or transfer it again',
    });
  });

  it('may be nothing', async () => {
    expect(await read(Buffer.alloc(0))).toEqual({ text: '', remarks: [] });
    expect(await read(gzipSync(''))).toMatchObject({ text: '' });
  });
});

it('lines are counted wherever the bytes lie', () => {
  const property = fc.property(
    fc.uint8Array({ maxLength: 60 }),
    fc.nat(5),
    fc.constantFrom(10, 13),
    (bytes, from, newline) => {
      const some = bytes.map((byte) => (byte % 3 === 0 ? newline : byte)).subarray(from);
      expect(countLines(some, newline)).toBe(some.filter((byte) => byte === newline).length);
    },
  );
  fc.assert(property, { numRuns: 500 });
});

describe('what is not text is named:', () => {
  const zip = (...names: string[]) => Buffer.from(`PK\x03\x04\x14\0${names.join('\0')}`, 'latin1');
  const tar = Buffer.alloc(512, 0);
  tar.write('data.csv', 0);
  tar.write('ustar', 257);
  it.each<[string, Buffer, RegExp, TextOptions['format']?]>([
    ['xlsx', zip('[Content_Types].xml', 'xl/workbook.xml'), /an Excel workbook \(xlsx\): save/],
    ['ods', zip('mimetypeapplication/vnd.oasis.opendocument.spreadsheet'), /OpenDocument spreads/],
    ['zip', zip('data.csv'), /a zip archive: unpack it/],
    ['xls', Buffer.from('d0cf11e0a1b11ae1000000', 'hex'), /an Excel workbook \(xls\)/],
    ['parquet', Buffer.from('PAR1\x15\x04\x15\0'), /a Parquet file: .*read_parquet/],
    ['feather', Buffer.from('ARROW1\0\0'), /an Arrow \(Feather\) file/],
    ['pickle', Buffer.from('8004958b00', 'hex'), /a Python pickle/],
    ['npy', Buffer.from('934e554d505901', 'hex'), /a NumPy file/],
    ['bzip2', Buffer.from('BZh91AY&SY\x01\x02'), /packed with bzip2/],
    ['xz', Buffer.from('fd377a585a00', 'hex'), /packed with xz/],
    ['zstd', Buffer.from('28b52ffd0458', 'hex'), /packed with Zstandard/],
    ['sqlite', Buffer.from('SQLite format 3\0'), /an SQLite database/],
    ['hdf5', Buffer.from('894844460d0a1a0a00', 'hex'), /an HDF5 file/],
    ['tar', gzipSync(tar), /a tar archive/],
    ['rds', gzipSync('X\n\0\0\0\x03'), /an R data file/],
    [
      'lfs',
      Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:1\n'),
      /a pointer of Git LFS: fetch/,
    ],
    ['pdf', Buffer.from('%PDF-1.7\n'), /a PDF document/],
    ['html', Buffer.from('\n<!DOCTYPE html>\n<html>'), /an HTML page/],
    ['xml', Buffer.from('<?xml version="1.0"?>'), /XML/],
    ['json', Buffer.from(' [\n  {"a": 1}]'), /a JSON array: .*read_json/],
    ['json in UTF-8 with a mark', Buffer.from('\ufeff[{"a": 1}]'), /a JSON array/],
    ['json lines', Buffer.from('{"a": 1}\n{"a": 2}\n'), /it is JSON: .*x-ndjson/],
    [
      'json where lines are expected',
      Buffer.from('[{"a": 1}]'),
      /a JSON array: .* one object per line/,
      'ndjson',
    ],
    ['noise', Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 7) % 32)), /binary data/],
  ])('%s', async (_what, bytes, message, format = 'csv') => {
    for (const unnamed of ['refused', 'windows-1252'] as const)
      await expect(read(bytes, { format, unnamed })).rejects.toMatchObject(
        refusal('invalid_dataset', message),
      );
  });

  it.each([
    'ORCID,PAR1\n1,2\n',
    'PAR1,PAR2\n',
    'Obj,BZh\n',
    '[a],{b}\n1,2\n',
    'a\u0001b\n1\u00012\n',
    'a\u001fb\u001e1\u001f2\u001e',
    'a,b\n"{""x"": 1}",2\n',
    '<5,>5\n1,2\n',
  ])('%j is text', async (text) => expect((await read(Buffer.from(text))).text).toBe(text));
});

describe('the charset of a content type', () => {
  it.each([
    ['text/csv', undefined],
    [undefined, undefined],
    ['text/csv; charset=ISO-8859-1', 'ISO-8859-1'],
    ['text/csv;header=present; Charset = "utf-16" ; x=1', 'utf-16'],
  ])('%j is %j', (type, charset) => expect(charsetOf(type)).toBe(charset));
});

it.each([
  ['text', 'a,b and much more\n1,x\n2,y\0z\n', undefined],
  ['UTF-16', '\ufeffa,b\n1,x\n2,y\0z\n', 'utf-16le'],
])('a byte 0 in %s is refused with its line', async (_what, text, charset) => {
  const bytes = charset ? Buffer.from(text, 'utf16le') : Buffer.from(text);
  await expect(read(bytes)).rejects.toMatchObject({
    code: 'invalid_dataset',
    message: expect.stringContaining('line 3: byte 0 after "2,y": the file is damaged'),
  });
});
