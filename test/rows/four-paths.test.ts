import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import type { Fault } from '../../src/core/errors.js';
import { InstanceReader } from '../../src/ml/encoding/instance.js';
import type { Model } from '../../src/ml/model.js';
import type { Spec } from '../../src/ml/spec.js';
import { predictCsv } from '../../src/prediction/batches/csv.js';
import { openDataset } from '../../src/rows/open.js';
import type { DataSource } from '../../src/rows/source.js';
import { readText } from '../../src/rows/text/text.js';
import type { ServedModel } from '../../src/serving/service.js';
import { type DraftOptions, draftSpec } from '../../src/training/draft/draft.js';
import { datasetsApp } from '../support/datasets.js';

const ROWS = 80;

/** A file as someone has it. */
interface File {
  /** Columns by their names, each by the text of its cell in a row; the target is y. */
  columns: Record<string, (row: number) => string>;
  delimiter?: string;
  /** What is before the header, and behind each line. */
  before?: string;
  behind?: string;
  /** Names of the header as the file has them. */
  header?: string[];
  encode?: (text: string) => Uint8Array;
  charset?: string;
  isGzip?: true;
  hints?: DraftOptions['hints'];
}

/** Every tenth row from the third on. */
const sometimes = (row: number) => row % 10 === 3;
/** A word in one of 80 rows is a slip: 95% are numbers, but a person decides beyond 1%. */
const y = (row: number) => String((row * 7) % 31);
const size = (row: number) => String(((row * 37) % 53) + 0.5);
const kind = (row: number) => ['oak', 'elm', 'ash'][row % 3]!;
const day = (row: number) => String((row % 28) + 1).padStart(2, '0');
const grouped = (row: number) => `${(row % 9) + 1},${String(100 + row * 7).padStart(3, '0')}.50`;
const comma = (row: number) => `${(row * 37) % 53},${row % 10}`;
const latin = (text: string) => Buffer.from(text, 'latin1');

const FILES: Record<string, File> = {
  plain: { columns: { size, kind, y } },
  'NA among numbers': { columns: { size: (r) => (sometimes(r) ? 'NA' : size(r)), kind, y } },
  'marks among numbers': {
    columns: { size: (r) => (sometimes(r) ? ['-', '?', '.', 'none'][r % 4]! : size(r)), kind, y },
  },
  'words of spreadsheets': {
    columns: { size: (r) => (sometimes(r) ? ['#N/A', '#DIV/0!', '<NA>'][r % 3]! : size(r)), y },
  },
  'an odd value that a person names': {
    columns: { size: (r) => (r === 9 ? '<5' : size(r)), kind, y },
    hints: { size: { missing: ['<5'] } },
  },
  'categories with blanks': { columns: { size, kind: (r) => (sometimes(r) ? '' : kind(r)), y } },
  'categories with None': { columns: { size, kind: (r) => (sometimes(r) ? 'None' : kind(r)), y } },
  'thousands and decimals': { columns: { size: (r) => `"${grouped(r)}"`, kind, y } },
  dollars: { columns: { size: (r) => `"$${grouped(r)}"`, kind, y } },
  'per cent': { columns: { size: (r) => `${(r * 37) % 53}%`, kind, y } },
  'a decimal comma': { columns: { size: comma, kind, y }, delimiter: ';' },
  'a decimal comma in quotes': { columns: { size: (r) => `"${comma(r)}"`, kind, y } },
  'the minus of typographers': { columns: { size: (r) => `\u2212${size(r)}`, kind, y } },
  'ISO dates': { columns: { size, since: (r) => `2024-01-${day(r)} 10:00:00 UTC`, y } },
  'American dates': { columns: { size, since: (r) => `01/${day(r)}/2024`, y } },
  'German dates': { columns: { size, since: (r) => `${day(r)}.01.2024`, y } },
  'dates in words': { columns: { size, since: (r) => `Jun ${day(r)} 1998`, y } },
  'dates of .NET': {
    columns: { size, since: (r) => `/Date(${1_706_690_000_000 + r * 86_400_000}+0100)/`, y },
  },
  'a day that is none': {
    columns: { size, since: (r) => (r === 9 ? '2024-02-30' : `2024-01-${day(r)}`), y },
    hints: { since: { missing: ['2024-02-30'] } },
  },
  'sep=': { columns: { size, kind, y }, delimiter: ';', before: 'sep=;\r\n' },
  'a comment': { columns: { size, kind, y }, before: '# made by hand\n' },
  'a delimiter behind each row': { columns: { size, kind, y }, behind: ',' },
  'the index of pandas': { columns: { '': String, size, kind, y } },
  'blanks around names and values': {
    columns: { size: (r) => ` ${size(r)} `, kind: (r) => `  ${kind(r)}`, y },
    header: [' size ', ' kind', 'y '],
  },
  'accents in two forms': {
    columns: { size, kind: (r) => (r % 2 ? 'caf\u00e9' : r % 4 ? 'cafe\u0301' : 'elm'), y },
  },
  'Latin-1': {
    columns: { size, kind: (r) => ['caf\u00e9', 'caf\u00e8', 'caf\u00ea'][r % 3]!, y },
    encode: latin,
    charset: 'iso-8859-1',
  },
  'UTF-16': {
    columns: { size, kind, y },
    encode: (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
    charset: 'utf-16le',
  },
  gzip: { columns: { size, kind, y }, encode: (text) => gzipSync(text), isGzip: true },
  'what cannot be seen': {
    columns: { size: (r) => `${size(r)}\u200b`, kind: (r) => `${kind(r)}\u200b`, y },
  },
  'a flag': { columns: { size, kind: (r) => (r % 3 ? 'Y' : ''), y } },
  'a flag as the target': {
    columns: { size, kind, y: (r) => (r % 3 ? 'Y' : '') },
    hints: { y: { blank: 'no', values: ['no'] } },
  },
  'a flag 1 as the target': {
    columns: { size, kind, y: (r) => (r % 3 ? '1' : '') },
    hints: { y: { blank: '0' } },
  },
  'booleans of Python': { columns: { size, kind: (r) => (r % 3 ? 'True' : 'False'), y } },
  'ones with decimals': { columns: { size, kind, y: (r) => ['1', '1.0', '0', '0.0'][r % 4]! } },
  'codes with zeros in front': {
    columns: { size, kind: (r) => ['00501', '00502', '10503'][r % 3]!, y },
    hints: { kind: { kind: 'category' } },
  },
  'a class none': { columns: { size, kind, y: (r) => ['none', 'mild', '-'][r % 3]! } },
  'numbers of spreadsheets': { columns: { size: (r) => `${(r % 9) + 1}E+0${r % 3}`, kind, y } },
  'wide digits': { columns: { size: (r) => `\uff11\uff12.${r % 10}`, kind, y } },
};

function textOf({ columns, delimiter = ',', before = '', behind = '', header }: File): string {
  const names = header ?? Object.keys(columns);
  const lines = Array.from(
    { length: ROWS },
    (_, row) =>
      Object.values(columns)
        .map((cell) => cell(row))
        .join(delimiter) + behind,
  );
  return `${before}${[names.join(delimiter), ...lines].join('\n')}\n`;
}

/** Features of a row, and its target, in an order that does not depend on the split. */
type Rows = string[];
const shown = (values: Iterable<number>) => JSON.stringify([...values].map(String));

async function rowsOf(source: DataSource, spec: Spec): Promise<{ rows: Rows; features: Rows }> {
  const rows: string[] = [];
  const features: string[] = [];
  const width = spec.features.length;
  for await (const { training, test } of openDataset(source, spec).blocks())
    for (const { values, targets } of [training, test])
      targets.forEach((target, i) => {
        const row = values.subarray(i * width, (i + 1) * width);
        features.push(shown(row));
        rows.push(shown([...row, target]));
      });
  return { rows: rows.sort(), features: features.sort() };
}

/** A model that keeps what it is given. */
function recording(width: number) {
  const given: string[] = [];
  const model = {
    outputs: 1,
    async predictRows(values: Float64Array, rows: number) {
      for (let i = 0; i < rows; i++) given.push(shown(values.subarray(i * width, (i + 1) * width)));
      return new Float64Array(rows);
    },
  };
  return { given, model: model as unknown as Model };
}

async function batchOf(spec: Spec, bytes: Uint8Array, charset?: string): Promise<Rows> {
  const { given, model } = recording(spec.features.length);
  const regression = { ...spec, task: 'regression' as const, target: { name: 'y' } };
  const input = readText(
    (async function* () {
      yield bytes;
    })(),
    { format: 'csv', unnamed: 'windows-1252', ...(charset !== undefined && { charset }) },
  );
  const rejected: string[] = [];
  await predictCsv({ version: { spec: regression }, model } as unknown as ServedModel, {
    input,
    async output() {},
    async rejects(chunk) {
      rejected.push(Buffer.from(chunk).toString());
    },
  });
  expect(rejected).toEqual([]);
  return given.sort();
}

/** What single predictions read of the same cells, as texts; numbers of JSON where they are plain. */
function singlesOf(spec: Spec, { columns }: File, as: 'texts' | 'numbers'): Rows {
  const reader = new InstanceReader(spec);
  const rows: string[] = [];
  for (let row = 0; row < ROWS; row++) {
    const instance = Object.fromEntries(
      spec.features.map(({ name, kind: is }) => {
        const cell = columns[name]!(row).replace(/^"(.*)"$/, '$1');
        const isPlain = as === 'numbers' && is === 'number' && /^-?\d+(\.\d+)?$/.test(cell);
        return [name, isPlain ? Number(cell) : cell === '' && as === 'numbers' ? null : cell];
      }),
    );
    const values = new Float64Array(reader.size);
    const faults: Fault[] = [];
    reader.read(instance, row, values, faults);
    expect(faults).toEqual([]);
    rows.push(shown(values));
  }
  return rows.sort();
}

describe('a file is read the same by init, as a dataset, in batches and in single predictions', () => {
  const world = datasetsApp({ bytes: 1 << 24 });
  const api = supertest(world.app.server);
  beforeAll(async () => {
    await world.app.ready();
  });
  afterAll(async () => {
    await world.app.close();
    world.remove();
  });
  let datasets = 0;

  it.each(Object.keys(FILES))('%s', async (name) => {
    const file = FILES[name]!;
    const { encode = (text: string) => Buffer.from(text), charset, hints, isGzip } = file;
    const bytes = encode(textOf(file));
    const source: DataSource = {
      origin: 'file',
      format: 'csv',
      ...(charset !== undefined && { charset }),
      async *read() {
        yield bytes;
      },
    };
    const { spec } = await draftSpec(source, { name: 'any', target: 'y', ...(hints && { hints }) });
    const ofFile = await rowsOf(source, spec);
    expect(ofFile.rows).toHaveLength(ROWS);

    const { features, target } = spec;
    const dataset = `d${datasets++}`;
    await api.put(`/datasets/${dataset}`).send({ features, target }).expect(201);
    const { body } = await api
      .post(`/datasets/${dataset}`)
      .set('content-type', charset === undefined ? 'text/csv' : `text/csv; charset=${charset}`)
      .set(isGzip ? { 'content-encoding': 'gzip' } : {})
      .send(Buffer.from(bytes))
      .expect(201);
    expect(body).toMatchObject({ rows: ROWS, quarantined: 0 });
    const opened = await world.datasets.openDataset({ dataset });
    expect((await rowsOf(opened, spec)).rows).toEqual(ofFile.rows);

    expect(await batchOf(spec, bytes, charset)).toEqual(ofFile.features);
    for (const as of ['texts', 'numbers'] as const)
      expect(singlesOf(spec, file, as)).toEqual(ofFile.features);
  });
});
