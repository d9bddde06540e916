import type { Fault } from '../core/errors.js';
import type { Block } from '../datasets/csv/block.js';
import { type CsvReader, readCsv } from '../datasets/csv/reader.js';
import { CsvWriter } from '../datasets/csv/writer.js';
import { RowParser } from '../datasets/fields.js';
import { mostProbable } from '../ml/metrics/classification.js';
import type { Predictor } from '../ml/predictor.js';
import { classesOf, layoutOf, type Spec } from '../ml/spec.js';
import type { ServedModel } from '../registry/service.js';

/** Takes bytes, and resolves when it can take more. */
export type Sink = (bytes: Uint8Array) => Promise<void>;

export interface BatchResult {
  /** Rows that were answered. */
  rows: number;
  /** Rows that could not be: they are in the side file, with the reasons. */
  rejected: number;
}

/**
 * Predicts each row of a CSV file. Out come the same rows with the prediction behind them; what is wrong
 * with a row goes with it to a side file. Neither file is ever held in memory.
 * @param output takes the answered rows @param rejects takes the side file, of which nothing is written
 *   unless a row is rejected
 * @throws LapidaryError `invalid_dataset` when a column is missing or the file is no CSV
 */
export async function predictCsv(
  { version, predictor }: ServedModel,
  input: AsyncIterable<Uint8Array>,
  output: Sink,
  rejects: Sink,
): Promise<BatchResult> {
  const csv = await readCsv(input, { onBadRow: 'quarantine' });
  const batch = new Batch(version.spec, predictor, csv);
  await output(batch.header());
  for await (const block of csv.blocks()) {
    const { answered, rejected } = batch.predict(block);
    if (answered.length > 0) await output(answered);
    if (rejected.length > 0) await rejects(rejected);
  }
  return batch.result;
}

class Batch {
  readonly result: BatchResult = { rows: 0, rejected: 0 };
  private readonly parser: RowParser;
  private readonly classes: readonly string[];
  private readonly answers: CsvWriter;
  private readonly rejects: CsvWriter;
  private readonly size: number;

  constructor(
    spec: Spec,
    private readonly predictor: Predictor,
    private readonly csv: CsvReader,
  ) {
    this.parser = new RowParser(spec, csv, 'features');
    this.classes = classesOf(spec);
    this.size = layoutOf(spec).size;
    this.answers = new CsvWriter(csv.dialect);
    this.rejects = new CsvWriter(csv.dialect);
  }

  header(): Uint8Array {
    const { header } = this.csv;
    const added = ['prediction', ...this.classes.map((name) => `probability_${name}`)];
    for (const name of [...header, ...added.map((own) => free(own, header))])
      this.answers.text(name);
    this.answers.endRow();
    return this.answers.take();
  }

  predict(block: Block): { answered: Uint8Array; rejected: Uint8Array } {
    const { values, rows } = this.parse(block);
    const { outputs } = this.predictor;
    const predictions = new Float64Array(rows.length * outputs);
    this.predictor.predictRows(values, rows.length, predictions);
    for (let i = 0; i < rows.length; i++) {
      this.answers.raw(block.raw(rows[i]!));
      this.answer(predictions.subarray(i * outputs, (i + 1) * outputs));
      this.answers.endRow();
    }
    for (const bad of block.badRows) this.reject(bad.line, bad.message, block.raw(bad));
    this.result.rows += rows.length;
    // Before the first rejected row a byte order mark may wait: it alone is no side file.
    const rejected = this.result.rejected > 0 ? this.rejects.take() : Buffer.alloc(0);
    return { answered: this.answers.take(), rejected };
  }

  /** The values of the rows that are whole, and which those are. */
  private parse(block: Block): { values: Float64Array; rows: number[] } {
    const values = new Float64Array(block.rows * this.size);
    const rows: number[] = [];
    const faults: Fault[] = [];
    for (let row = 0; row < block.rows; row++) {
      this.parser.readFeatures(block, row, values, rows.length * this.size, faults);
      if (faults.length === 0) rows.push(row);
      else {
        const reasons = faults.splice(0).map(({ field, message }) => `${field}: ${message}`);
        this.reject(block.lines[row]!, reasons.join('; '), block.raw(row));
      }
    }
    return { values, rows };
  }

  private answer(prediction: Float64Array): void {
    if (this.classes.length === 0) {
      this.answers.number(prediction[0]!);
      return;
    }
    this.answers.text(this.classes[mostProbable(prediction)]!);
    for (const probability of prediction) this.answers.number(probability);
  }

  private reject(line: number, reason: string, raw: Uint8Array): void {
    if (this.result.rejected++ === 0) {
      for (const name of ['line', 'reason', 'row']) this.rejects.text(name);
      this.rejects.endRow();
    }
    this.rejects.number(line);
    this.rejects.text(reason);
    this.rejects.text(Buffer.from(raw).toString());
    this.rejects.endRow();
  }
}

/** The name itself, or with the first number behind it that no other column has. */
function free(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name}_${number}`)) number++;
  return `${name}_${number}`;
}
