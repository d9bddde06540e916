import { type Fault, LapidaryError } from '../core/errors.js';
import type { Block } from '../csv/block.js';
import { type CsvOptions, type CsvReader, readCsv } from '../csv/reader.js';
import type { CsvWriter } from '../csv/writer.js';
import { layoutOf } from '../ml/spec.js';
import type { DecimalMark, numberText } from '../ml/text/number.js';
import { DecimalMarks } from '../rows/decimals.js';
import { numberIn, RowParser } from '../rows/parser.js';
import { BadRows, type CheckedRows } from '../rows/quarantine.js';
import { dialectOf } from '../rows/text/reading.js';
import { columnsOf, type DatasetDefinition, plainNumbers, rowSpecOf } from './definition.js';

/**
 * Checks the rows of CSV against their dataset, a block at a time.
 * @param onRemark called with each inference about the format
 * @throws LapidaryError `invalid_dataset` if a column is missing or the file is not CSV
 */
export async function* checkCsv(
  chunks: AsyncIterable<Uint8Array>,
  definition: DatasetDefinition,
  onRemark: (remark: string) => void,
): AsyncGenerator<CheckedRows> {
  const csv = await readCsv(chunks, { ...optionsOf(definition), onRemark });
  const parser = new RowParser(rowSpecOf(definition), csv);
  const values = new Float64Array(layoutOf(definition).size);
  const target = new Float64Array(1);
  for await (const block of csv.blocks()) {
    parser.begin(block);
    const bad = new BadRows(block, csv);
    let good = 0;
    for (let row = 0; row < block.rows; row++) {
      const faults: Fault[] = [];
      parser.readFeatures(block, row, values, 0, faults);
      parser.readTarget(block, row, target, 0, faults);
      if (faults.length === 0) good++;
      else bad.add(row, faults);
    }
    yield { good, bad: bad.inOrder() };
  }
}

/**
 * Writes the good rows of CSV as plain CSV with the columns of its dataset in their order.
 * @param bad the lines on which bad rows begin, ascending
 * @throws LapidaryError `invalid_dataset` if a column is missing
 */
export async function* copyCsv(
  chunks: AsyncIterable<Uint8Array>,
  definition: DatasetDefinition,
  bad: readonly number[],
  writer: CsvWriter,
): AsyncGenerator<Uint8Array> {
  const csv = await readCsv(chunks, optionsOf(definition));
  const places = placesOf(definition, csv);
  let columns: readonly CopiedColumn[] | undefined;
  let next = 0;
  for await (const block of csv.blocks()) {
    columns ??= copiedColumns(definition, csv, places, block);
    for (let row = 0; row < block.rows; row++) {
      const line = block.lines[row]!;
      while (bad[next]! < line) next++;
      if (bad[next] === line) continue;
      for (const column of columns) copyField(block, row, column, writer);
      writer.endRow();
    }
    yield writer.take();
  }
}

function optionsOf({ csv = {} }: DatasetDefinition): CsvOptions {
  return { dialect: dialectOf(csv), onBadRow: 'quarantine' };
}

interface CopiedColumn {
  /** Its index in the file. */
  place: number;
  /** The format of its numbers; undefined for other columns. */
  numbers?: { decimal: DecimalMark; read: ReturnType<typeof numberText> };
}

/** Copies a field; a number in another spelling than `1234.5` is rewritten to it. */
function copyField(
  block: Block,
  row: number,
  { place, numbers }: CopiedColumn,
  writer: CsvWriter,
): void {
  const plain = numbers ? numberIn(block, row, place, numbers.decimal) : Number.NaN;
  const isPlain = Number.isFinite(plain);
  if (isPlain && numbers?.decimal === 'comma') {
    writer.number(plain);
    return;
  }
  const text = block.text(row, place);
  const value = isPlain ? undefined : numbers?.read(text);
  if (typeof value === 'number') writer.number(value);
  else writer.text(text);
}

function copiedColumns(
  definition: DatasetDefinition,
  csv: CsvReader,
  places: readonly number[],
  block: Block,
): CopiedColumn[] {
  const marks = new DecimalMarks(csv);
  const decimals = new Map<string, DecimalMark>();
  const numbers = plainNumbers(definition, (name, declared) => {
    const decimal = marks.of(block, csv.find(name), declared);
    decimals.set(name, decimal);
    return decimal;
  });
  return columnsOf(definition).map((name, i) => {
    const read = numbers.get(name);
    return { place: places[i]!, ...(read && { numbers: { decimal: decimals.get(name)!, read } }) };
  });
}

/** Returns the index of each column in the file. */
function placesOf(definition: DatasetDefinition, csv: CsvReader): number[] {
  return columnsOf(definition).map((name) => {
    const place = csv.find(name);
    if (place < 0) throw new LapidaryError('invalid_dataset', `line 1: column not found: ${name}`);
    return place;
  });
}
