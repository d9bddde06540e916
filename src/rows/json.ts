import { type Fault, LapidaryError } from '../core/errors.js';
import { InstanceReader } from '../ml/encoding/instance.js';
import { type ReadTarget, targetReader } from '../ml/encoding/target.js';
import { fieldOf } from '../ml/encoding/words.js';
import type { RowBlock } from '../ml/rows.js';
import type { Spec } from '../ml/spec.js';
import { observed } from './csv.js';
import { FaultList } from './faults.js';
import { LeftOut } from './left-out.js';
import type { DataSource } from './source.js';
import { readText } from './text/text.js';

const BLOCK_ROWS = 4096;

/**
 * Reads all rows of a dataset that is one JSON array of objects. It is held in memory: CSV suits large data better.
 * @param onBytes called with all bytes read @param onRemark called with each inference
 * @throws LapidaryError `invalid_dataset` naming row (from 0) and field of the fault
 */
export async function* readJsonRows(
  source: Extract<DataSource, { format: 'json' }>,
  spec: Spec,
  onBytes: (bytes: Uint8Array) => void,
  onRemark: (remark: string) => void,
): AsyncGenerator<RowBlock> {
  const records = await readArray(source, onBytes, onRemark);
  const reader = new InstanceReader(spec);
  const faults = new FaultList('row');
  const target = new TargetField(spec.target.name, targetReader(spec));
  const values = new Float64Array(reader.size);
  let rows = 0;
  for (let start = 0; start < records.length; start += BLOCK_ROWS) {
    const taken = records.slice(start, start + BLOCK_ROWS);
    const block = {
      values: new Float64Array(taken.length * reader.size),
      targets: new Float64Array(taken.length),
    };
    const found: Fault[] = [];
    const leftOut = new LeftOut();
    let count = 0;
    for (const [row, record] of taken.entries()) {
      const truth = target.read(record, start + row, found);
      if (truth === null) {
        leftOut.add(fieldOf(record, spec.target.name));
        continue;
      }
      reader.read(toInstance(spec, record), start + row, values, found);
      block.values.set(values, count * reader.size);
      block.targets[count++] = truth;
    }
    faults.add(found);
    rows += count;
    if (faults.count > 0) continue;
    yield {
      count,
      values: block.values.subarray(0, count * reader.size),
      targets: block.targets.subarray(0, count),
      ...leftOut.counted(),
    };
  }
  faults.throwIfAny();
  if (rows === 0) throw new LapidaryError('invalid_dataset', 'the file has no rows');
}

async function readArray(
  { read, charset }: Extract<DataSource, { format: 'json' }>,
  onBytes: (bytes: Uint8Array) => void,
  onRemark: (remark: string) => void,
): Promise<Record<string, unknown>[]> {
  const text = readText(observed(read(), onBytes), {
    format: 'json',
    ...(charset !== undefined && { charset }),
    unnamed: 'windows-1252',
    onRemark,
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of text) chunks.push(chunk);
  try {
    const parsed: unknown = JSON.parse(
      Buffer.concat(chunks)
        .toString()
        .replace(/^\ufeff/, ''),
    );
    if (Array.isArray(parsed)) return parsed.map((record) => Object(record));
  } catch (error) {
    throw new LapidaryError('invalid_dataset', (error as Error).message, [], { cause: error });
  }
  throw new LapidaryError('invalid_dataset', 'it is not a JSON array of objects');
}

/** Returns the features of a record as an instance. */
export function toInstance(
  { features }: Pick<Spec, 'features'>,
  record: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(features.map(({ name }) => [name, fieldOf(record, name)]));
}

/** Reads targets from records. */
export class TargetField {
  constructor(
    private readonly name: string,
    private readonly readValue: ReadTarget,
  ) {}

  /** Returns null if the record may lack a target and does; adds faults to `faults`. */
  read(record: Record<string, unknown>, instance: number, faults: Fault[]): number | null {
    const target = this.readValue(fieldOf(record, this.name));
    if (target === null || typeof target === 'number') return target;
    faults.push({ instance, field: this.name, ...target });
    return Number.NaN;
  }
}
