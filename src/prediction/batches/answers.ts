import type { Dialect } from '../../csv/dialect.js';
import { CsvWriter } from '../../csv/writer.js';
import { mostProbable } from '../../ml/metrics/classification.js';
import { classesOf, type Spec } from '../../ml/spec.js';
import type { Preparer } from '../port.js';
import { PredictionIds } from './prediction-ids.js';

/** Takes bytes, and resolves when it can take more. */
export type Sink = (bytes: Uint8Array) => Promise<void>;

export interface BatchResult {
  /** Rows that were answered. */
  rows: number;
  /** Rows that could not be: they are in the side file, with the reasons. */
  rejected: number;
}

/** What is predicted, and where it goes. */
export interface BatchRun {
  /** UTF-8. */
  input: AsyncIterable<Uint8Array>;
  /** How CSV is written, as far as that is known. */
  dialect?: Partial<Dialect> | undefined;
  exactHeader?: boolean | undefined;
  /** Called with what was inferred of how it is written. */
  onRemark?: (remark: string) => void;
  /** Takes the answered rows. */
  output: Sink;
  /** Takes the side file, of which nothing is written unless a row is rejected. */
  rejects: Sink;
  /**
   * Id of the job whose result it is: each answer then begins with the line that its row began on, and ends with the
   * id of the prediction.
   */
  job?: string;
  /** Applied in their order to rows that are JSON. */
  preparers?: readonly Preparer[];
  /** Largest share of the rows that may be rejected; all may, when left out. */
  maximumBadShare?: number;
  /** Called with the progress from time to time. */
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

  /** @param columns of the rows; what is added to them gets names that they have not */
  header(columns: readonly string[]): Uint8Array {
    const added = ['prediction', ...this.classes.map((name) => `probability_${name}`)];
    if (this.ids) added.push('prediction_id');
    const names = [...columns, ...added.map((own) => free(own, columns))];
    if (this.ids) names.unshift(free('line', names));
    for (const name of names) this.writer.text(name);
    this.writer.endRow();
    return this.writer.take();
  }

  /** Begins a row; what it was comes next. */
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

/** Returns the name itself, or with the first number appended that makes it unique. */
function free(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name}_${number}`)) number++;
  return `${name}_${number}`;
}
