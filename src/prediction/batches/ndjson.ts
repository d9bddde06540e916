import { type Fault, LapidaryError } from '../../core/errors.js';
import { InstanceReader } from '../../ml/encoding/instance.js';
import type { Spec } from '../../ml/spec.js';
import { toInstance } from '../../rows/json.js';
import { parseExactly, parseRecord, readLines } from '../../rows/ndjson.js';
import type { BadRow } from '../../rows/quarantine.js';
import { Quarantine } from '../../rows/quarantine.js';
import type { ServedModel } from '../../serving/service.js';
import type { Preparer } from '../port.js';
import { Answers, type BatchResult, type BatchRun } from './answers.js';

/** Maximum number, and length, of names in remarks. */
const MOST_FIELDS = 20;
const LONGEST_NAME = 100;

type JsonObject = Record<string, unknown>;
/** A valid object and its line. */
interface Row {
  line: number;
  raw: Buffer;
  record: JsonObject;
}

/**
 * Predicts each object of newline-delimited JSON, and writes CSV. Its columns are the fields of the first valid object,
 * without images; additional fields of later objects are omitted.
 * @throws LapidaryError `invalid_dataset` when a line is too long; `too_many_bad_rows`
 */
export async function predictNdjson(
  { version: { spec }, model }: ServedModel,
  { input, output, rejects, job, preparers = [], maximumBadShare = 1, onRows, onRemark }: BatchRun,
): Promise<BatchResult> {
  const needed = preparers.filter((preparer) => preparer.needs(spec));
  const batch = new JsonRows(spec, needed);
  const answers = new Answers(spec, job);
  const { outputs } = model;
  let columns: string[] | undefined;
  const others = new OtherFields(spec, () => columns);
  let answered = 0;
  const result = () => ({ rows: answered, rejected: batch.rejects.count });
  for await (const some of readLines(input)) {
    const { rows, values } = await batch.read(some);
    batch.rejects.checkSoFar(answered, maximumBadShare);
    if (rows.length > 0) {
      if (columns === undefined) {
        columns = columnsOf(spec, rows[0]!.record);
        await output(answers.header(columns));
      }
      const predictions = await model.predictRows(values, rows.length);
      rows.forEach(({ line, raw, record }, i) => {
        answers.begin(line);
        let fields = Object.keys(record).length;
        for (const name of columns!) {
          const value = Object.hasOwn(record, name) ? record[name] : undefined;
          if (value !== undefined) fields--;
          // An id that a double rounds would be another one.
          writeValue(answers, isRounded(value) ? parseExactly(raw)[name] : value);
        }
        if (fields > 0) others.add(record, line);
        answers.end(predictions.subarray(i * outputs, (i + 1) * outputs));
      });
      answered += rows.length;
      await output(answers.writer.take());
    }
    if (batch.rejects.count > 0) await rejects(batch.rejects.take());
    onRows?.(result());
  }
  batch.rejects.check(answered, maximumBadShare);
  if (columns === undefined) await output(answers.header(columnsOf(spec)));
  for (const remark of others.remarks()) onRemark?.(remark);
  return result();
}

/** Fields that the first object has not, so that no column takes them. */
class OtherFields {
  private readonly lines = new Map<string, number>();

  constructor(
    private readonly spec: Spec,
    private readonly columns: () => readonly string[] | undefined,
  ) {}

  add(record: JsonObject, line: number): void {
    for (const name of columnsOf(this.spec, record))
      if (this.lines.size < MOST_FIELDS && !this.lines.has(name) && !this.columns()?.includes(name))
        this.lines.set(name, line);
  }

  remarks(): string[] {
    return [...this.lines].map(
      ([name, line]) =>
        `${JSON.stringify(name.slice(0, LONGEST_NAME))} is in line ${line}, but not in the first object: it is left out`,
    );
  }
}

class JsonRows {
  readonly rejects = new Quarantine();
  private readonly reader: InstanceReader;

  constructor(
    private readonly spec: Spec,
    private readonly preparers: readonly Preparer[],
  ) {
    this.reader = new InstanceReader(spec);
  }

  /** Returns the valid objects of some lines with their values; rejects the others. */
  async read(
    lines: readonly { number: number; bytes: Buffer }[],
  ): Promise<{ rows: Row[]; values: Float64Array }> {
    const { size } = this.reader;
    const values = new Float64Array(lines.length * size);
    const one = new Float64Array(size);
    const rows: Row[] = [];
    for (const { number: line, bytes: raw } of lines) {
      const faults: Fault[] = [];
      const record = parseRecord(raw, line, faults);
      let instance: unknown = record && toInstance(this.spec, record);
      if (record && this.preparers.length > 0)
        instance = await this.prepare(instance, line, faults);
      if (instance !== undefined) this.reader.read(instance, line, one, faults);
      if (record && faults.length === 0) {
        values.set(one, rows.length * size);
        rows.push({ line, raw, record });
      } else this.rejects.add({ line, faults, raw } satisfies BadRow);
    }
    return { rows, values };
  }

  /** Returns a prepared instance; undefined after a failure, whose reasons are added to `faults`. */
  private async prepare(instance: unknown, line: number, faults: Fault[]): Promise<unknown> {
    try {
      let ready = [instance];
      for (const preparer of this.preparers)
        ready = await preparer.prepare(ready, { spec: this.spec });
      return ready[0];
    } catch (error) {
      if (!(error instanceof LapidaryError && error.code === 'invalid_instances')) throw error;
      faults.push(...error.faults.map((fault) => ({ ...fault, instance: line })));
      return undefined;
    }
  }
}

function columnsOf({ features }: Spec, record?: JsonObject): string[] {
  const images = features.filter(({ kind }) => kind === 'image').map(({ name }) => name);
  const names = record ? Object.keys(record) : features.map(({ name }) => name);
  return names.filter((name) => !images.includes(name));
}

function isRounded(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

function writeValue({ writer }: Answers, value: unknown): void {
  if (typeof value === 'number') writer.number(value);
  else if (typeof value === 'object' && value !== null) writer.text(JSON.stringify(value));
  else writer.text(String(value ?? ''));
}
