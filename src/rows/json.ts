import { type Fault, LapidaryError } from '../core/errors.js';
import { InstanceReader } from '../ml/encoding/instance.js';
import { type ReadTarget, targetReader } from '../ml/encoding/target.js';
import { fieldOf } from '../ml/encoding/words.js';
import type { RowBlock } from '../ml/rows.js';
import type { Spec } from '../ml/spec.js';
import { type CheckedBlock, soundBlocks } from './faults.js';
import { LeftOut } from './left-out.js';
import type { JsonSource } from './source.js';
import { readText } from './text/text.js';

const BLOCK_ROWS = 4096;

/**
 * Reads all rows of a dataset that is one JSON array of objects. It is held in memory: CSV suits large data better.
 * @param onRemark called with each inference
 * @throws LapidaryError `invalid_dataset` naming row (from 0) and field of the fault
 */
export function readJsonRows(
  source: JsonSource,
  spec: Spec,
  onRemark: (remark: string) => void,
): AsyncGenerator<RowBlock> {
  return soundBlocks('row', parseBlocks(source, spec, onRemark));
}

async function* parseBlocks(
  source: JsonSource,
  spec: Spec,
  onRemark: (remark: string) => void,
): AsyncGenerator<CheckedBlock> {
  const records = await readArray(source, onRemark);
  const reader = new InstanceReader(spec);
  const target = new TargetField(spec.target.name, targetReader(spec));
  const instance = new Float64Array(reader.size);
  for (let start = 0; start < records.length; start += BLOCK_ROWS) {
    const taken = records.slice(start, start + BLOCK_ROWS);
    const values = new Float64Array(taken.length * reader.size);
    const targets = new Float64Array(taken.length);
    const faults: Fault[] = [];
    const leftOut = new LeftOut();
    let count = 0;
    for (const [row, record] of taken.entries()) {
      const truth = target.read(record, start + row, faults);
      if (truth === null) {
        leftOut.add(fieldOf(record, spec.target.name));
        continue;
      }
      reader.read(toInstance(spec, record), start + row, instance, faults);
      values.set(instance, count * reader.size);
      targets[count++] = truth;
    }
    yield { values, targets, count, leftOut, faults };
  }
}

async function readArray(
  { read, charset }: JsonSource,
  onRemark: (remark: string) => void,
): Promise<Record<string, unknown>[]> {
  const text = readText(read(), { format: 'json', charset, unnamed: 'windows-1252', onRemark });
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
