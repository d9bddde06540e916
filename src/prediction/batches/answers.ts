import type { Dialect } from '../../csv/dialect.js';
import { CsvWriter } from '../../csv/writer.js';
import { mostProbable } from '../../ml/metrics/classification.js';
import { classesOf, type Spec } from '../../ml/spec.js';
import type { Preparer } from '../port.js';
import { PredictionIds } from './prediction-ids.js';

/** Writes bytes; resolves when more can be written. */
export type Sink = (bytes: Uint8Array) => Promise<void>;

export interface BatchResult {
  /** Answered rows. */
  rows: number;
  /** Rejected rows: the side file has them with the reasons. */
  rejected: number;
}

/** The input and the output of a batch prediction. */
export interface BatchRun {
  /** UTF-8. */
  input: AsyncIterable<Uint8Array>;
  /** Known properties of the CSV dialect. */
  dialect?: Partial<Dialect> | undefined;
  exactHeader?: boolean | undefined;
  /** Called with each inference about the format. */
  onRemark?: (remark: string) => void;
  /** Receives the answered rows. */
  output: Sink;
  /** Receives the side file, which is empty unless a row is rejected. */
  rejects: Sink;
  /**
   * Id of the job: each answered row then begins with the line number of its row, and ends with the prediction id.
   */
  job?: string;
  /** Applied in order to rows in JSON. */
  preparers?: readonly Preparer[];
  /** Largest share of rejected rows; unlimited by default. */
  maximumBadShare?: number;
  /** Called with the progress after each block. */
  onRows?: (soFar: BatchResult) => void;
}

/** Writes rows of CSV, each followed by its prediction: a number, or a class and the probability of each. */
export class Answers {
  readonly writer: CsvWriter;
  private readonly classes: readonly string[];
  private readonly ids: PredictionIds | undefined;

  constructor(spec: Spec, job?: string, dialect?: Dialect) {
    this.ids = job === undefined ? undefined : new PredictionIds(job);
    this.writer = new CsvWriter(dialect);
    this.classes = classesOf(spec);
  }

  /** Returns the header. @param columns of the rows; added columns get other names */
  header(columns: readonly string[]): Uint8Array {
    const added = ['prediction', ...this.classes.map((name) => `probability_${name}`)];
    if (this.ids) added.push('prediction_id');
    const names = [...columns, ...added.map((own) => free(own, columns))];
    if (this.ids) names.unshift(free('line', names));
    for (const name of names) this.writer.text(name);
    this.writer.endRow();
    return this.writer.take();
  }

  /** Begins a row; the caller then writes its cells. */
  begin(line: number): void {
    if (!this.ids) return;
    this.writer.number(line);
    this.ids.next(line);
  }

  /** Ends a row. @param prediction one number, or the probability of each class */
  end(prediction: Float64Array): void {
    if (this.classes.length === 0) this.writer.number(prediction[0]!);
    else {
      this.writer.text(this.classes[mostProbable(prediction)]!);
      for (const probability of prediction) this.writer.number(probability);
    }
    if (this.ids) this.writer.raw(this.ids.bytes);
    this.writer.endRow();
  }
}

/** Returns the name, with the first number appended that makes it unique if it is taken. */
function free(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name}_${number}`)) number++;
  return `${name}_${number}`;
}
