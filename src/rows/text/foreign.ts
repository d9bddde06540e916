import { LapidaryError } from '../../core/errors.js';

/** The format of text: CSV, one JSON object per line, or one JSON array. */
export type TextFormat = 'csv' | 'ndjson' | 'json';

/** Binary formats by their first bytes (Latin-1), with name and remedy. */
const FOREIGN: readonly [begins: string, name: string, remedy: string][] = [
  ['PAR1', 'a Parquet file', pandas('read_parquet')],
  ['ARROW1', 'an Arrow (Feather) file', pandas('read_feather')],
  ['FEA1', 'a Feather file', pandas('read_feather')],
  ['ORC', 'an ORC file', pandas('read_orc')],
  ['Obj\x01', 'an Avro file', 'convert it to CSV'],
  ['\x89HDF\r\n', 'an HDF5 file', pandas('read_hdf')],
  ['\xd0\xcf\x11\xe0', 'an Excel workbook (xls)', 'save the sheet as "CSV UTF-8"'],
  ['SQLite format 3\0', 'an SQLite database', 'export the table as CSV'],
  ['\x93NUMPY', 'a NumPy file', 'write it with numpy.savetxt, or from pandas'],
  ['$FL2', 'an SPSS file', pandas('read_spss')],
  ['RDX2\n', 'an R data file', 'write it with write.csv(data, row.names = FALSE)'],
  ['RDX3\n', 'an R data file', 'write it with write.csv(data, row.names = FALSE)'],
  ['X\n\0\0\0', 'an R data file (RDS)', 'write it with write.csv(data, row.names = FALSE)'],
  ['BZh', 'packed with bzip2', 'unpack it, or pack it with gzip'],
  ['\xfd7zXZ\0', 'packed with xz', 'unpack it, or pack it with gzip'],
  ['\x28\xb5\x2f\xfd', 'packed with Zstandard', 'unpack it, or pack it with gzip'],
  ['7z\xbc\xaf', 'a 7-Zip archive', 'unpack it'],
  ['Rar!', 'a RAR archive', 'unpack it'],
  ['\x1f\x8b\x08', 'gzip within gzip', 'unpack it once'],
  ['\x89PNG', 'a PNG image', 'send images to a model of images'],
  ['\xff\xd8\xff', 'a JPEG image', 'send images to a model of images'],
];
/** Formats whose first bytes are printable. */
const PRINTABLE: typeof FOREIGN = [
  ['%PDF-', 'a PDF document', 'export the table as CSV'],
  ['{\\rtf', 'an RTF document', 'save it as CSV'],
  ['version https://git-lfs.', 'a pointer of Git LFS', 'fetch the file: git lfs pull'],
  ['<stata_dta>', 'a Stata file', pandas('read_stata')],
];
const SPREADSHEET_REMEDY = 'save the sheet as "CSV UTF-8"';
/** Control characters that separate fields or records, as Hive's. */
const SEPARATORS: ReadonlySet<number> = new Set([0x01, 0x1c, 0x1d, 0x1e, 0x1f]);
/** Maximum share of control characters in text. */
const MOST_CONTROLS = 0.05;

function pandas(read: string): string {
  return `convert it, as with pandas: pandas.${read}("FILE").to_csv("FILE.csv", index=False)`;
}

/**
 * Refuses data that is not text of the expected format, and names its format.
 * @param head the first bytes, unpacked @param isWide whether characters have several bytes, so that zeros are allowed
 * @throws LapidaryError `invalid_dataset`
 */
export function refuseForeign(head: Uint8Array, format: TextFormat, isWide: boolean): void {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  const begins = bytes.toString('latin1', 0, 1024);
  const controls = controlShare(bytes.subarray(0, 1024));
  // Column names may begin with the same letters, such as ORCID.
  const known = controls > 0 ? [...FOREIGN, ...PRINTABLE] : PRINTABLE;
  const [, name, remedy] = known.find(([magic]) => begins.startsWith(magic)) ?? [];
  if (name) throw refusal(name, remedy!);
  if (begins.startsWith('PK\x03\x04')) refuseZip(bytes);
  if (bytes.toString('latin1', 257, 262) === 'ustar') throw refusal('a tar archive', 'unpack it');
  if (bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5)
    throw refusal('a Python pickle', pandas('read_pickle'));
  const text = bytes
    .toString('utf8', 0, 1024)
    .replace(/^\ufeff/, '')
    .trimStart();
  if (/^<(!doctype\s+html|html|head|body|table|div|script)\b/i.test(text))
    throw refusal('an HTML page', 'was a page downloaded instead of the file?');
  if (/^<\?xml\b/i.test(text)) throw refusal('XML', 'export the table as CSV');
  refuseJson(text, format);
  const others = bytes.subarray(0, 1024).filter((byte) => !SEPARATORS.has(byte));
  if (!isWide && controlShare(others) > MOST_CONTROLS)
    throw refusal('binary data, not text', 'export the table as CSV');
}

function refuseZip(bytes: Buffer): never {
  if (bytes.includes('opendocument.spreadsheet'))
    throw refusal('an OpenDocument spreadsheet (ods)', SPREADSHEET_REMEDY);
  if (bytes.includes('xl/') || bytes.includes('[Content_Types].xml') || bytes.includes('docProps/'))
    throw refusal('an Excel workbook (xlsx)', SPREADSHEET_REMEDY);
  throw refusal('a zip archive', 'unpack it');
}

function refuseJson(text: string, format: TextFormat): void {
  if (format !== 'json' && /^\[\s*([{["]|$)/.test(text)) {
    const remedy =
      format === 'csv' ? pandas('read_json') : 'write one object per line, without [ and ]';
    throw refusal('a JSON array', remedy);
  }
  if (format === 'csv' && /^\{\s*("[^"]*"\s*:|\}|$)/.test(text))
    throw refusal(
      'JSON',
      `send one object per line to a dataset or a batch prediction, as application/x-ndjson or .ndjson; or ${pandas('read_json')}`,
    );
}

/** Computes the share of control characters that text does not contain. */
function controlShare(bytes: Uint8Array): number {
  let controls = 0;
  for (const byte of bytes) if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) controls++;
  return controls / Math.max(1, bytes.length);
}

function refusal(what: string, remedy: string): LapidaryError {
  return new LapidaryError('invalid_dataset', `it is ${what}: ${remedy}`);
}
