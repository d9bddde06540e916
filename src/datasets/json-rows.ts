import { type Fault, LapidaryError } from '../core/errors.js';
import { InstanceReader } from '../ml/encoding/instance.js';
import { fieldOf, placeOf } from '../ml/encoding/words.js';
import type { RowBlock } from '../ml/rows.js';
import type { RowSpec, Spec } from '../ml/spec.js';
import { FaultList } from './faults.js';
import { toIso } from './fields.js';
import type { Bytes } from './port.js';

const BLOCK_ROWS = 4096;
/** As much of a value as a fault shows. */
const LONGEST = 100;

/**
 * Reads all rows of a dataset that is one JSON array of objects. It is held in memory: for much data, CSV
 * is the better format.
 * @param onBytes is given everything that is read
 * @throws LapidaryError `invalid_dataset` naming row (from 0) and field of what is wrong
 */
export async function* readJsonRows(
  source: Bytes,
  spec: Spec,
  onBytes: (bytes: Uint8Array) => void,
): AsyncGenerator<RowBlock> {
  const records = await readArray(source, onBytes);
  const reader = new InstanceReader(spec);
  const faults = new FaultList('row');
  const values = new Float64Array(reader.size);
  for (let start = 0; start < records.length; start += BLOCK_ROWS) {
    const taken = records.slice(start, start + BLOCK_ROWS);
    const block = {
      count: taken.length,
      values: new Float64Array(taken.length * reader.size),
      targets: new Float64Array(taken.length),
    };
    const found: Fault[] = [];
    taken.forEach((record, row) => {
      reader.read(toInstance(spec, record), start + row, values, found);
      block.values.set(values, row * reader.size);
      block.targets[row] = readTarget(spec, record, start + row, found);
    });
    faults.add(found);
    if (faults.count === 0) yield block;
  }
  faults.throwIfAny();
  if (records.length === 0) throw new LapidaryError('invalid_dataset', 'there are no rows in it');
}

async function readArray(
  source: Bytes,
  onBytes: (bytes: Uint8Array) => void,
): Promise<Record<string, unknown>[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.read()) {
    onBytes(chunk);
    chunks.push(chunk);
  }
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (Array.isArray(parsed)) return parsed.map((record) => Object(record));
  } catch (error) {
    throw new LapidaryError('invalid_dataset', (error as Error).message, [], { cause: error });
  }
  throw new LapidaryError('invalid_dataset', 'it is no JSON array of objects');
}

/** A record as an instance: its features alone, dates as the API takes them. */
export function toInstance(
  { features }: Pick<Spec, 'features'>,
  record: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    features.map(({ name, kind }) => {
      const value = fieldOf(record, name);
      return [name, kind === 'datetime' && typeof value === 'string' ? toIso(value) : value];
    }),
  );
}

/** A record's target as a number; what is wrong with it is added to `faults`. */
export function readTarget(
  { task, target }: RowSpec,
  record: Record<string, unknown>,
  instance: number,
  faults: Fault[],
): number {
  const value = fieldOf(record, target.name);
  const isNumber = typeof value === 'number' && (target.transform !== 'log' || value > 0);
  if (task === 'regression' && isNumber) return value;
  if (target.above !== undefined && isNumber) return value;
  const index = placeOf(target.classes ?? [], String(value));
  if (target.above === undefined && index >= 0) return index;
  const message = `${JSON.stringify(value)?.slice(0, LONGEST)} cannot be the target`;
  faults.push({ instance, field: target.name, code: 'invalid_target', message });
  return Number.NaN;
}
