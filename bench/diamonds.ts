import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Returns the path of the CSV file of the diamonds. */
export function diamondsFile(): string {
  return createRequire(import.meta.url).resolve('@observablehq/sample-datasets/diamonds.csv');
}

/** Writes a CSV file of a number of rows by repeating the diamonds. */
export async function writeDiamonds(path: string, count: number): Promise<void> {
  const [header, ...rows] = readFileSync(diamondsFile(), 'utf8').trimEnd().split(/\r?\n/);
  const file = createWriteStream(path);
  file.write(`${header}\n`);
  for (let written = 0; written < count; written += rows.length) {
    const some = rows.slice(0, count - written);
    if (!file.write(`${some.join('\n')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}
