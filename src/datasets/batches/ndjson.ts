import { type Fault, LapidaryError } from '../../core/errors.js';
import { DEEPEST, excessOf, isTooDeep, LARGE } from '../../core/json.js';
import { InstanceReader } from '../../ml/encoding/instance.js';
import { targetReader } from '../../ml/encoding/target.js';
import { fieldOf, WordIndex } from '../../ml/encoding/words.js';
import { LF } from '../csv/bytes.js';
import type { CsvWriter } from '../csv/writer.js';
import { columnsOf, type DatasetDefinition, plainNumbers, rowSpecOf } from '../definition.js';
import { TargetField, toInstance } from '../json-rows.js';
import type { BadRow, CheckedRows } from './check.js';

const MAX_LINE_BYTES = 1 << 24;

/** Checks the rows of newline-delimited JSON. @throws LapidaryError `invalid_dataset` when a line is too long */
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
 * Writes the good rows of newline-delimited JSON as plain CSV: the columns of its dataset, in their order.
 * @param bad lines with bad rows, rising
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

/** Names a boolean as the categories or classes of its column do: Python's are True and False. */
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

/** The object on a line; what is wrong with it is added to `faults`. */
export function parseRecord(
  bytes: Buffer,
  instance: number,
  faults: Fault[],
): Record<string, unknown> | undefined {
  try {
    const text = textOf(bytes);
    const excess = text.length > LARGE ? excessOf(text) : undefined;
    const record: unknown = excess === undefined ? JSON.parse(text) : undefined;
    if (excess !== undefined || isTooDeep(record, bytes)) {
      const message = excess ?? `is nested deeper than ${DEEPEST} levels`;
      faults.push({ instance, code: 'invalid_json', message });
      return undefined;
    }
    if (typeof record === 'object' && record !== null && !Array.isArray(record))
      return record as Record<string, unknown>;
    faults.push({ instance, code: 'wrong_type', message: 'must be a JSON object' });
  } catch (error) {
    faults.push({ instance, code: 'invalid_json', message: (error as Error).message });
  }
  return undefined;
}

export interface Line {
  /** From 1. */
  number: number;
  bytes: Buffer;
}

/** The lines with something on them, those of a chunk at a time. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
  let number = 0;
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      const bytes = Buffer.concat([...begun, chunk.subarray(start, end)]);
      begun = [];
      begunBytes = 0;
      lines.push({ number: ++number, bytes });
      start = end + 1;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
    begunBytes += chunk.length - start;
    if (begunBytes > MAX_LINE_BYTES) throw tooLong(number + 1);
    yield lines.filter(hasText);
  }
  const last = [{ number: number + 1, bytes: Buffer.concat(begun) }].filter(hasText);
  if (last.length > 0) yield last;
}

function hasText({ bytes }: Line): boolean {
  return bytes.length > 0 && textOf(bytes) !== '';
}

/** Without spaces around it, and a byte order mark in front. */
function textOf(bytes: Buffer): string {
  return bytes.toString().trim();
}

function tooLong(line: number): LapidaryError {
  const message = `line ${line}: it is longer than ${MAX_LINE_BYTES} bytes`;
  return new LapidaryError('invalid_dataset', message);
}
