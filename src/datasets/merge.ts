import { readCsv } from '../csv/reader.js';
import { CsvWriter } from '../csv/writer.js';
import { naming } from '../rows/faults.js';
import type { DataSource } from '../rows/source.js';
import { copyCsv } from './check-csv.js';
import { copyNdjson } from './check-ndjson.js';
import { columnsOf, type DatasetDefinition } from './definition.js';
import type { OpenBatch } from './port.js';

/**
 * Merges batches to one CSV in their order, without their bad rows. Later batches do not change the position of a row,
 * so it stays on its side of the split.
 */
export function mergeBatches(
  dataset: string,
  definition: DatasetDefinition,
  batches: readonly OpenBatch[],
): DataSource {
  const changedAt = batches.at(-1)?.batch.committedAt;
  return {
    origin: `dataset ${dataset} (${batches.length} ${batches.length === 1 ? 'batch' : 'batches'})`,
    dataset: {
      name: dataset,
      batches: batches.map(({ batch }) => batch.id),
      rows: batches.reduce((sum, { batch }) => sum + batch.rows, 0),
      ...(changedAt !== undefined && { changedAt }),
    },
    format: 'csv',
    exactHeader: true,
    dialect: { delimiter: ',', lineBreak: 'lf', decimalComma: false, bom: false },
    async *read() {
      const writer = new CsvWriter();
      for (const name of columnsOf(definition)) writer.text(name);
      writer.endRow();
      yield writer.take();
      for (const open of batches)
        yield* naming(`batch ${open.batch.id}`, copyRows(open, definition, writer));
    },
  };
}

async function* copyRows(
  { batch, content, quarantine }: OpenBatch,
  definition: DatasetDefinition,
  writer: CsvWriter,
): AsyncGenerator<Uint8Array> {
  const bad = batch.quarantined === 0 ? [] : await readLineNumbers(quarantine.read());
  const copy = batch.format === 'csv' ? copyCsv : copyNdjson;
  yield* copy(content.read(), definition, bad, writer);
}

/** Reads the first column of a quarantine. */
async function readLineNumbers(chunks: AsyncIterable<Uint8Array>): Promise<number[]> {
  const lines: number[] = [];
  const csv = await readCsv(chunks, { dialect: { delimiter: ',', lineBreak: 'lf' } });
  for await (const block of csv.blocks()) {
    for (let row = 0; row < block.rows; row++) lines.push(Number(block.text(row, 0)));
  }
  return lines;
}
