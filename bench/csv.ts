import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse';
import { readCsv } from '../src/csv/reader.js';
import { writeDiamonds } from './diamonds.js';
import { inScratch } from './process.js';
import { compare, round } from './statistics.js';

const ROWS = 200_000;
const ROUNDS = 5;

/** Measures reading each field of a CSV file as text, by our reader and by csv-parse. */
export function benchCsv() {
  return inScratch(async (directory) => {
    const file = join(directory, 'in.csv');
    const timed = (read: (file: string) => Promise<number>) => async () => {
      const started = performance.now();
      const rows = await read(file);
      if (rows !== ROWS) throw new Error(`read ${rows} rows of ${ROWS}`);
      return (performance.now() - started) / 1000;
    };
    await writeDiamonds(file, ROWS);
    const { first, second, ratio } = await compare(ROUNDS, timed(readParsed), timed(readOurs));
    const seconds = { csvParseSeconds: round(first), seconds: round(second) };
    return { rows: ROWS, ...seconds, timesFaster: ratio };
  });
}

async function readOurs(file: string): Promise<number> {
  const csv = await readCsv(createReadStream(file));
  let rows = 0;
  let characters = 0;
  for await (const block of csv.blocks()) {
    for (let row = 0; row < block.rows; row++)
      for (let column = 0; column < csv.header.length; column++)
        characters += block.text(row, column).length;
    rows += block.rows;
  }
  return characters > 0 ? rows : 0;
}

async function readParsed(file: string): Promise<number> {
  let rows = 0;
  let characters = 0;
  for await (const row of createReadStream(file).pipe(parse({ from_line: 2 }))) {
    for (const field of row as string[]) characters += field.length;
    rows++;
  }
  return characters > 0 ? rows : 0;
}
