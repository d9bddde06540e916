// Splits a CSV file into its fields and writes its rows again: the least that predicting them costs.
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { readCsv } from '../src/csv/reader.js';
import { CsvWriter } from '../src/csv/writer.js';

const [input = '', output = ''] = process.argv.slice(2);
const csv = await readCsv(createReadStream(input));
const file = createWriteStream(output);
const writer = new CsvWriter(csv.dialect);
for await (const block of csv.blocks()) {
  for (let row = 0; row < block.rows; row++) {
    writer.raw(block.raw(row));
    writer.endRow();
  }
  if (!file.write(writer.take())) await once(file, 'drain');
}
file.end();
