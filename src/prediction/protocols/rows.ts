import { Readable } from 'node:stream';
import { charsetOf } from '../../api/content-type.js';
import { type Fault, LapidaryError, MAX_FAULTS } from '../../core/errors.js';
import type { Block } from '../../csv/block.js';
import { type CsvReader, readCsv } from '../../csv/reader.js';
import { CsvWriter } from '../../csv/writer.js';
import type { Feature, Spec } from '../../ml/spec.js';
import { DecimalMarks } from '../../rows/decimals.js';
import { parseRecord } from '../../rows/ndjson.js';
import { numberIn } from '../../rows/parser.js';
import { readText } from '../../rows/text/text.js';
import type { Predictions } from '../service.js';

type Instance = Record<string, unknown>;

/**
 * Decodes a body of rows.
 * @throws LapidaryError `unsupported_charset`, `invalid_dataset` for binary data
 */
export async function decodeRows(body: Uint8Array, type = ''): Promise<string> {
  const text = readText(Readable.from([body]), {
    format: /^\s*text\/csv\b/i.test(type) ? 'csv' : 'ndjson',
    unnamed: 'refused',
    charset: charsetOf(type),
  });
  const decoded: Uint8Array[] = [];
  for await (const chunk of text) decoded.push(chunk);
  return Buffer.concat(decoded).toString();
}

/**
 * Reads the instances of a body that is CSV or JSON lines.
 * @throws LapidaryError `invalid_instances` naming each row that cannot be read
 */
export async function decodeInstances(
  { text, isCsv }: { text: string; isCsv: boolean },
  spec: Spec,
): Promise<Instance[]> {
  if (!isCsv) return decodeJsonLines(text);
  return decodeCsv(text, spec).catch((error: unknown) => {
    if (!(error instanceof LapidaryError) || error.code !== 'invalid_dataset') throw error;
    throw new LapidaryError('invalid_instances', error.message, error.faults, { cause: error });
  });
}

/** Encodes one line per prediction, without a header: the value, or the label and the probability of each class. */
export function encodeCsv({ predictions }: Predictions): string {
  const writer = new CsvWriter();
  for (const { value, label, probabilities } of predictions) {
    if (label === undefined) writer.number(value!);
    else {
      writer.text(label);
      for (const probability of Object.values(probabilities!)) writer.number(probability);
    }
    writer.endRow();
  }
  return Buffer.from(writer.take()).toString();
}

function decodeJsonLines(text: string): Instance[] {
  const faults: Fault[] = [];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const instances = lines.map((line, index) => parseRecord(Buffer.from(line), index, faults));
  throwIfAny(faults);
  return instances as Instance[];
}

/** Decodes rows with the features in the order of the spec, unless the first line names them. */
async function decodeCsv(text: string, spec: Spec): Promise<Instance[]> {
  const hasHeader = await namesFeatures(text, spec);
  const csv = hasHeader
    ? await readCsv(chunks(text), QUARANTINE)
    : await readCsv(chunks(headerOf(spec), text), HEADERLESS);
  const cells = spec.features.map((feature) => cellReader(feature, csv));
  const instances: Instance[] = [];
  const faults: Fault[] = [];
  for await (const block of csv.blocks()) {
    for (const { line, message } of block.badRows)
      faults.push({ instance: line - FIRST_LINE, code: 'invalid_csv', message });
    for (let row = 0; row < block.rows; row++)
      instances.push(Object.fromEntries(cells.map((read) => read(block, row))));
  }
  throwIfAny(faults);
  return instances;
}

/** The header is line 1. */
const FIRST_LINE = 2;
const QUARANTINE = { onBadRow: 'quarantine' } as const;
const HEADERLESS = { ...QUARANTINE, exactHeader: true, dialect: { delimiter: ',' } } as const;

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

/** Decides whether the first line is a header: it names each feature once, which values hardly ever do. */
async function namesFeatures(text: string, spec: Spec): Promise<boolean> {
  const names = spec.features.flatMap(columnsOf);
  return readCsv(chunks(text)).then(
    (csv) => names.every((name) => csv.find(name) >= 0),
    () => false,
  );
}

function headerOf({ features }: Spec): string {
  const writer = new CsvWriter();
  for (const name of features.flatMap(columnsOf)) writer.text(name);
  writer.endRow();
  return Buffer.from(writer.take()).toString();
}

/** Returns the columns of a feature: of an image one per pixel, row by row. */
function columnsOf(feature: Feature): string[] {
  if (feature.kind !== 'image') return [feature.name];
  const { name, width, height } = feature;
  return Array.from({ length: width * height }, (_, pixel) => `${name}_${pixel}`);
}

type ReadCell = (block: Block, row: number) => [name: string, value: unknown];

function cellReader(feature: Feature, csv: CsvReader): ReadCell {
  const { name, kind } = feature;
  const places = columnsOf(feature).map((column) => csv.find(column));
  const marks = new DecimalMarks(csv);
  const readNumber = (block: Block, row: number, place: number) => {
    const named = kind === 'number' ? feature.decimal : undefined;
    const value = numberIn(block, row, place, marks.of(block, place, named));
    return Number.isFinite(value) ? value : textIn(block, row, place);
  };
  switch (kind) {
    case 'image':
      return (block, row) => [name, places.map((place) => readNumber(block, row, place))];
    case 'number':
      return (block, row) => [name, readNumber(block, row, places[0]!)];
    default:
      return (block, row) => [name, textIn(block, row, places[0]!)];
  }
}

/** Returns the text of a field, null when blank; the model reads it as text in JSON. */
function textIn(block: Block, row: number, place: number): string | null {
  const text = block.text(row, place);
  return text.trim() === '' ? null : text;
}

function throwIfAny(faults: readonly Fault[]): void {
  const [first] = faults;
  if (!first) return;
  const detail = `instance ${first.instance}: ${first.message}`;
  throw new LapidaryError('invalid_instances', detail, faults.slice(0, MAX_FAULTS));
}
