import type { Fault } from '../core/errors.js';
import type { CsvWriter } from '../csv/writer.js';
import { InstanceReader } from '../ml/encoding/instance.js';
import { targetReader } from '../ml/encoding/target.js';
import { fieldOf, WordIndex } from '../ml/encoding/words.js';
import { TargetField, toInstance } from '../rows/json.js';
import { parseRecord, readLines, textOf } from '../rows/ndjson.js';
import type { BadRow, CheckedRows } from '../rows/quarantine.js';
import { columnsOf, type DatasetDefinition, plainNumbers, rowSpecOf } from './definition.js';

/** Checks the rows of newline-delimited JSON. @throws LapidaryError `invalid_dataset` if a line is too long */
export async function* checkNdjson(
  chunks: AsyncIterable<Uint8Array>,
  definition: DatasetDefinition,
): AsyncGenerator<CheckedRows> {
  const spec = rowSpecOf(definition);
  const reader = new InstanceReader(spec);
  const target = new TargetField(spec.target.name, targetReader(spec));
  const values = new Float64Array(reader.size);
  for await (const lines of readLines(chunks)) {
    const bad: BadRow[] = [];
    for (const { number, bytes } of lines) {
      const faults: Fault[] = [];
      const record = parseRecord(bytes, number, faults);
      if (record) {
        reader.read(toInstance(spec, record), number, values, faults);
        target.read(record, number, faults);
      }
      if (faults.length > 0) bad.push({ line: number, faults, raw: bytes });
    }
    yield { good: lines.length - bad.length, bad };
  }
}

/**
 * Writes the good rows of newline-delimited JSON as plain CSV with the columns of its dataset in their order.
 * @param bad the lines with bad rows, ascending
 */
export async function* copyNdjson(
  chunks: AsyncIterable<Uint8Array>,
  definition: DatasetDefinition,
  bad: readonly number[],
  writer: CsvWriter,
): AsyncGenerator<Uint8Array> {
  const columns = columnsOf(definition);
  const plain = plainNumbers(definition);
  const words = wordsOf(definition);
  let next = 0;
  for await (const lines of readLines(chunks)) {
    for (const { number, bytes } of lines) {
      while (bad[next]! < number) next++;
      if (bad[next] === number) continue;
      const record = JSON.parse(textOf(bytes)) as Record<string, unknown>;
      for (const name of columns) {
        const value = fieldOf(record, name);
        const number = typeof value === 'string' ? plain.get(name)?.(value) : undefined;
        if (typeof number === 'number') writer.number(number);
        else writer.text(typeof value === 'boolean' ? words(name, value) : String(value ?? ''));
      }
      writer.endRow();
    }
    yield writer.take();
  }
}

/** Returns how to spell a boolean as the categories or classes of its column do: Python has True and False. */
function wordsOf(definition: DatasetDefinition): (column: string, value: boolean) => string {
  const lists = new Map(
    [...definition.features, definition.target].map((column) => {
      if ('categories' in column) return [column.name, column.categories];
      return [column.name, 'classes' in column ? (column.classes ?? []) : []];
    }),
  );
  const indices = new Map([...lists].map(([name, list]) => [name, new WordIndex(list)]));
  return (column, value) => {
    const place = indices.get(column)?.find(value);
    return place === undefined ? String(value) : lists.get(column)![place]!;
  };
}
