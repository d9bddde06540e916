import type { Fault } from '../../core/errors.js';
import type { Block } from '../../csv/block.js';
import { type CsvReader, readCsv } from '../../csv/reader.js';
import type { Model } from '../../ml/model.js';
import { layoutOf, type Spec } from '../../ml/spec.js';
import { RowParser } from '../../rows/parser.js';
import { BadRows, Quarantine } from '../../rows/quarantine.js';
import type { ServedModel } from '../../serving/service.js';
import { Answers, type BatchResult, type BatchRun } from './answers.js';

/**
 * Predicts each row of a CSV file. The output has the same rows, each followed by its prediction; a side file has the
 * rejected rows with their faults. Files are streamed.
 * @throws LapidaryError `invalid_dataset` when a column is missing or the file is not CSV; `too_many_bad_rows`
 */
export async function predictCsv(
  { version, model }: ServedModel,
  { input, output, rejects, job, maximumBadShare = 1, onRows, ...reading }: BatchRun,
): Promise<BatchResult> {
  const csv = await readCsv(input, { ...reading, onBadRow: 'quarantine' });
  const answers = new Answers(version.spec, job, csv.dialect);
  const batch = new Batch(version.spec, model, csv, answers);
  await output(answers.header(csv.titles));
  for await (const block of csv.blocks()) {
    const { answered, rejected } = await batch.predict(block);
    batch.rejects.checkSoFar(batch.rows, maximumBadShare);
    if (answered.length > 0) await output(answered);
    if (rejected.length > 0) await rejects(rejected);
    onRows?.(batch.result);
  }
  batch.rejects.check(batch.rows, maximumBadShare);
  return batch.result;
}

/** Checks the header of CSV. @throws LapidaryError `invalid_dataset` when it lacks a column of the model */
export async function checkHeader(spec: Spec, input: AsyncIterable<Uint8Array>): Promise<void> {
  new RowParser(spec, await readCsv(input), 'features');
}

class Batch {
  rows = 0;
  readonly rejects: Quarantine;
  private readonly parser: RowParser;
  private readonly size: number;

  constructor(
    spec: Spec,
    private readonly model: Model,
    private readonly csv: CsvReader,
    private readonly answers: Answers,
  ) {
    this.parser = new RowParser(spec, csv, 'features');
    this.size = layoutOf(spec).size;
    this.rejects = new Quarantine(csv.dialect);
  }

  get result(): BatchResult {
    return { rows: this.rows, rejected: this.rejects.count };
  }

  async predict(block: Block): Promise<{ answered: Uint8Array; rejected: Uint8Array }> {
    const { values, rows } = this.parse(block);
    const { outputs } = this.model;
    const predictions = await this.model.predictRows(values, rows.length);
    for (let i = 0; i < rows.length; i++) {
      this.answers.begin(block.lines[rows[i]!]!);
      this.answers.writer.raw(block.raw(rows[i]!));
      this.answers.end(predictions.subarray(i * outputs, (i + 1) * outputs));
    }
    this.rows += rows.length;
    // `take` returns the header first: without rejected rows, the side file must stay empty.
    const rejected = this.rejects.count > 0 ? this.rejects.take() : Buffer.alloc(0);
    return { answered: this.answers.writer.take(), rejected };
  }

  /** Returns the values and the indexes of the valid rows; rejects the others. */
  private parse(block: Block): { values: Float64Array; rows: number[] } {
    const values = new Float64Array(block.rows * this.size);
    const rows: number[] = [];
    const faults: Fault[] = [];
    this.parser.begin(block);
    const bad = new BadRows(block, this.csv);
    for (let row = 0; row < block.rows; row++) {
      this.parser.readFeatures(block, row, values, rows.length * this.size, faults);
      if (faults.length === 0) rows.push(row);
      else bad.add(row, faults.splice(0));
    }
    for (const row of bad.inOrder()) this.rejects.add(row);
    return { values, rows };
  }
}
