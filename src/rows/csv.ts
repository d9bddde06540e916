import { type Fault, LapidaryError } from '../core/errors.js';
import type { Block } from '../csv/block.js';
import { readCsv } from '../csv/reader.js';
import type { RowBlock } from '../ml/rows.js';
import { layoutOf, type Spec } from '../ml/spec.js';
import { FaultList } from './faults.js';
import { LeftOut } from './left-out.js';
import { RowParser } from './parser.js';
import type { DataSource } from './source.js';
import { readText } from './text/text.js';

/**
 * Reads all rows of a CSV dataset in blocks.
 * @param onBytes called with all bytes read @param onRemark called with each inference
 * @throws LapidaryError `invalid_dataset` naming line and column of the fault
 */
export async function* readCsvRows(
  { read, dialect, charset, exactHeader }: Extract<DataSource, { format: 'csv' }>,
  spec: Spec,
  onBytes: (bytes: Uint8Array) => void,
  onRemark: (remark: string) => void,
): AsyncGenerator<RowBlock> {
  const faults = new FaultList('line');
  let rows = 0;
  const text = readText(observed(read(), onBytes), {
    format: 'csv',
    ...(charset !== undefined && { charset }),
    unnamed: 'windows-1252',
    onRemark,
  });
  const csv = await readCsv(text, {
    ...(dialect && { dialect }),
    ...(exactHeader && { exactHeader }),
    onRemark,
  });
  const parser = new RowParser(spec, csv);
  for await (const block of csv.blocks()) {
    const parsed = parseBlock(parser, block, layoutOf(spec).size, faults);
    rows += parsed.count;
    if (faults.count === 0 && (parsed.count > 0 || parsed.leftOut)) yield parsed;
  }
  faults.throwIfAny();
  if (rows === 0) throw new LapidaryError('invalid_dataset', 'the file has no rows');
}

function parseBlock(parser: RowParser, block: Block, size: number, faults: FaultList): RowBlock {
  const values = new Float64Array(block.rows * size);
  const targets = new Float64Array(block.rows);
  const found: Fault[] = [];
  const leftOut = new LeftOut();
  let count = 0;
  parser.begin(block);
  for (let row = 0; row < block.rows; row++) {
    if (!parser.readTarget(block, row, targets, count, found)) {
      leftOut.add(parser.targetText(block, row));
      continue;
    }
    parser.readFeatures(block, row, values, count * size, found);
    count++;
  }
  faults.add(found);
  return {
    count,
    values: values.subarray(0, count * size),
    targets: targets.subarray(0, count),
    ...leftOut.counted(),
  };
}

/** Passes chunks on and calls `onBytes` with each. */
export async function* observed(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (bytes: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    onBytes(chunk);
    yield chunk;
  }
}
