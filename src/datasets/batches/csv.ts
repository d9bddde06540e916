import { type Fault, LapidaryError } from '../../core/errors.js';
import { layoutOf } from '../../ml/spec.js';
import type { Block } from '../csv/block.js';
import { parseNumber } from '../csv/number.js';
import { type CsvReader, readCsv } from '../csv/reader.js';
import type { CsvWriter } from '../csv/writer.js';
import { columnsOf, type DatasetDefinition, rowSpecOf } from '../definition.js';
import { RowParser } from '../fields.js';
import type { BadRow, CheckedRows } from './check.js';

/** Checks the rows of CSV. @throws LapidaryError `invalid_dataset` */
export async function* checkCsv(
  chunks: AsyncIterable<Uint8Array>,
  definition: DatasetDefinition,
): AsyncGenerator<CheckedRows> {
  const csv = await readCsv(chunks, { onBadRow: 'quarantine' });
  const checker = new BlockChecker(definition, csv);
  for await (const block of csv.blocks()) yield checker.check(block);
}

class BlockChecker {
  private readonly parser: RowParser;
  private readonly values: Float64Array;
  private readonly target = new Float64Array(1);

  constructor(
    definition: DatasetDefinition,
    private readonly csv: CsvReader,
  ) {
    this.parser = new RowParser(rowSpecOf(definition), csv);
    this.values = new Float64Array(layoutOf(definition).size);
  }

  check(block: Block): CheckedRows {
    const bad: (BadRow & { start: number })[] = block.badRows.map((row) => ({
      line: row.line,
      faults: [structuralFault(row, this.csv)],
      raw: block.raw(row),
      start: row.start,
    }));
    let good = 0;
    for (let row = 0; row < block.rows; row++) {
      const faults = this.checkRow(block, row);
      if (faults.length === 0) good++;
      else {
        const start = block.records[2 * row]!;
        bad.push({ line: block.lines[row]!, faults, raw: block.raw(row), start });
      }
    }
    return { good, bad: bad.sort((a, b) => a.start - b.start) };
  }

  private checkRow(block: Block, row: number): Fault[] {
    const faults: Fault[] = [];
    this.parser.readFeatures(block, row, this.values, 0, faults);
    if (!this.parser.lacksTarget(block, row))
      this.parser.readTarget(block, row, this.target, 0, faults);
    return faults;
  }
}

/** What is wrong with what is no row at all. */
export function structuralFault(
  { line, column, message }: Block['badRows'][number],
  { header }: CsvReader,
): Fault {
  const field = column === undefined ? undefined : header[column - 1];
  return { instance: line, ...(field && { field }), code: 'invalid_csv', message };
}

/**
 * Writes the good rows of CSV as plain CSV: the columns of its dataset, in their order.
 * @param bad lines that bad rows begin on, rising
 * @throws LapidaryError `invalid_dataset` when a column is missing
 */
export async function* copyCsv(
  chunks: AsyncIterable<Uint8Array>,
  definition: DatasetDefinition,
  bad: readonly number[],
  writer: CsvWriter,
): AsyncGenerator<Uint8Array> {
  const csv = await readCsv(chunks, { onBadRow: 'quarantine' });
  const columns = placesOf(definition, csv);
  let next = 0;
  for await (const block of csv.blocks()) {
    for (let row = 0; row < block.rows; row++) {
      const line = block.lines[row]!;
      while (bad[next]! < line) next++;
      if (bad[next] === line) continue;
      for (const { place, isNumber } of columns) {
        const span = 2 * (row * block.columns + place);
        const value = isNumber
          ? parseNumber(block.bytes, block.spans[span]!, block.spans[span + 1]!, true)
          : Number.NaN;
        if (Number.isFinite(value)) writer.number(value);
        else writer.text(block.text(row, place));
      }
      writer.endRow();
    }
    yield writer.take();
  }
}

/** Where each column is in the file, and whether it has numbers that are written in another way here. */
function placesOf(definition: DatasetDefinition, { header, dialect }: CsvReader) {
  const { features, target } = definition;
  const numbers = new Set(features.filter(({ kind }) => kind === 'number').map(({ name }) => name));
  if (!target.classes || target.above !== undefined) numbers.add(target.name);
  return columnsOf(definition).map((name) => {
    const place = header.indexOf(name);
    if (place < 0)
      throw new LapidaryError('invalid_dataset', `line 1: no column is called ${name}`);
    return { place, isNumber: dialect.decimalComma && numbers.has(name) };
  });
}
