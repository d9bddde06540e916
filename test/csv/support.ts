import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { type CsvOptions, readCsv } from '../../src/csv/reader.js';

/** The bytes, cut to pieces of some size. */
export async function* cut(bytes: Uint8Array | string, size = 1 << 16): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.from(bytes);
  for (let at = 0; at < buffer.length; at += size) yield buffer.subarray(at, at + size);
}

export interface ReadRow {
  line: number;
  fields: string[];
  raw: string;
}

/** All of a file, as strings. */
export async function readAll(
  bytes: Uint8Array | string,
  options: CsvOptions & { size?: number } = {},
) {
  const csv = await readCsv(cut(bytes, options.size), options);
  const rows: ReadRow[] = [];
  const bad: { line: number; column: number | undefined; message: string; raw: string }[] = [];
  for await (const block of csv.blocks()) {
    for (let row = 0; row < block.rows; row++) {
      rows.push({
        line: block.lines[row]!,
        fields: csv.header.map((_, column) => block.text(row, column)),
        raw: block.raw(row).toString(),
      });
    }
    for (const one of block.badRows) {
      const { line, column, message } = one;
      bad.push({ line, column, message, raw: block.raw(one).toString() });
    }
  }
  return { header: csv.header, dialect: csv.dialect, rows, bad };
}

export type Delimiter = ',' | ';' | '\t' | '|';
export const delimiters = fc.constantFrom<Delimiter[]>(',', ';', '\t', '|');

/** A field, out of what makes CSV difficult. */
export const field = fc.string({
  unit: fc.constantFrom(
    'a',
    'ß',
    '🙂',
    '1',
    '.',
    ' ',
    ',',
    ';',
    '\t',
    '|',
    '"',
    '\n',
    '\r',
    '\r\n',
    '\0',
  ),
  maxLength: 8,
});

/** Writes a field: in quotes if needed, or at random. */
export function quote(text: string, anyway: boolean): string {
  return anyway || /["\r\n,;\t|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What csv-parse makes of a file. */
export function oracle(
  bytes: Uint8Array | string,
  delimiter: string,
  lineBreak: 'lf' | 'crlf' | 'cr',
): string[][] {
  return parse(Buffer.from(bytes), {
    bom: true,
    delimiter,
    skip_empty_lines: true,
    record_delimiter: lineBreak === 'cr' ? ['\r'] : ['\r\n', '\n'],
  });
}
