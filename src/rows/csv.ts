import type { Fault } from '../core/errors.js';
import type { Block } from '../csv/block.js';
import { type CsvReader, readCsv } from '../csv/reader.js';
import type { RowBlock } from '../ml/rows.js';
import { layoutOf, type Spec } from '../ml/spec.js';
import { type CheckedBlock, soundBlocks } from './faults.js';
import { LeftOut } from './left-out.js';
import { RowParser } from './parser.js';
import type { CsvSource } from './source.js';
import { readText } from './text/text.js';

/** Opens a CSV file: decodes its text and reads its header. @throws LapidaryError `invalid_dataset` */
export function openCsv(
  { read, dialect, charset, exactHeader }: CsvSource,
  onRemark: (remark: string) => void,
): Promise<CsvReader> {
  const text = readText(read(), { format: 'csv', charset, unnamed: 'windows-1252', onRemark });
  return readCsv(text, { dialect, exactHeader, onRemark });
}

/**
 * Reads all rows of a CSV dataset in blocks.
 * @param onRemark called with each inference
 * @throws LapidaryError `invalid_dataset` naming line and column of the fault
 */
export function readCsvRows(
  source: CsvSource,
  spec: Spec,
  onRemark: (remark: string) => void,
): AsyncGenerator<RowBlock> {
  return soundBlocks('line', parseBlocks(source, spec, onRemark));
}

async function* parseBlocks(
  source: CsvSource,
  spec: Spec,
  onRemark: (remark: string) => void,
): AsyncGenerator<CheckedBlock> {
  const csv = await openCsv(source, onRemark);
  const parser = new RowParser(spec, csv);
  for await (const block of csv.blocks()) yield parseBlock(parser, block, layoutOf(spec).size);
}

function parseBlock(parser: RowParser, block: Block, size: number): CheckedBlock {
  const values = new Float64Array(block.rows * size);
  const targets = new Float64Array(block.rows);
  const faults: Fault[] = [];
  const leftOut = new LeftOut();
  let count = 0;
  parser.begin(block);
  for (let row = 0; row < block.rows; row++) {
    if (!parser.readTarget(block, row, targets, count, faults)) {
      leftOut.add(parser.targetText(block, row));
      continue;
    }
    parser.readFeatures(block, row, values, count * size, faults);
    count++;
  }
  return { values, targets, count, leftOut, faults };
}
