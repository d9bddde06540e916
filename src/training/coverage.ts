import { LapidaryError } from '../core/errors.js';
import type { FittedEncoding } from '../ml/encoding/fitted.js';
import type { RowBlock } from '../ml/rows.js';
import { classesOf, type Spec } from '../ml/spec.js';
import { classOf, transformTarget } from '../ml/target.js';

const LEAST_ROWS = 2;
/** Maximum magnitude whose square, and that of its inverse, a double holds. */
const LARGEST = 1e100;
/** Number of held-out rows below which a difference between models may be chance. */
const FEW_ROWS = 200;
/** Number of deviations from the mean beyond which one held-out target outweighs all other rows. */
const FAR_DEVIATIONS = 100;
/** Number of held-out rows of a class below which its metrics are chance. */
const FEW_OF_CLASS = 5;
/** Maximum number of classes that a remark names; it counts the others. */
const MOST_NAMED = 5;

type Part = 'training' | 'test';

/** Counts the targets of training and held-out rows, to remark on the limits of metrics. */
export class Coverage {
  readonly rows = { training: 0, test: 0 };
  private readonly counts: Record<Part, Float64Array>;
  private readonly extremes = {
    training: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    test: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  };

  constructor(private readonly spec: Pick<Spec, 'task' | 'target'>) {
    const classes = classesOf(spec).length;
    this.counts = { training: new Float64Array(classes), test: new Float64Array(classes) };
  }

  add(part: Part, { count, targets }: RowBlock): void {
    this.rows[part] += count;
    const [counts, extremes] = [this.counts[part], this.extremes[part]];
    for (const target of targets) {
      if (counts.length > 0) counts[classOf(this.spec, target)]!++;
      extremes[0] = Math.min(extremes[0]!, target);
      extremes[1] = Math.max(extremes[1]!, target);
    }
  }

  /**
   * Refuses data that cannot be learnt.
   * @param origin of the data
   * @throws LapidaryError `invalid_dataset` for too few rows, or numbers whose squares exceed a double
   */
  requireLearnable(origin: string): void {
    const { training, test } = this.rows;
    const refuse = (message: string) => {
      throw new LapidaryError('invalid_dataset', `${origin}: ${message}`);
    };
    if (training < LEAST_ROWS || test === 0)
      refuse(`${training} rows to train on and ${test} held out are too few`);
    if (this.spec.task !== 'regression') return;
    const { name } = this.spec.target;
    const [low, high] = this.extremes.training as [number, number];
    const largest = [low, high, ...this.extremes.test].find(
      (value) => Number.isFinite(value) && Math.abs(value) > LARGEST,
    );
    if (largest !== undefined)
      refuse(`${name} reaches ${largest}; it must be between ${-LARGEST} and ${LARGEST}`);
    if (high > low && high - low < 1 / LARGEST)
      refuse(
        `the values of ${name} differ by ${high - low} at most: multiply them, so that they differ by ${1 / LARGEST} or more`,
      );
  }

  /** Returns remarks for readers of the metrics, one sentence each; none for ordinary data. */
  remarks(encoding: Pick<FittedEncoding, 'target'>): string[] {
    return [...this.onClasses(), ...this.onTargets(encoding), ...this.onRows()];
  }

  private onClasses(): string[] {
    const classes = classesOf(this.spec);
    const lacking = (part: Part) => classes.filter((_, c) => this.counts[part][c] === 0);
    const [unlearnt, unscored] = [lacking('training'), lacking('test')];
    const scarce = classes.filter(
      (_, c) => this.counts.test[c]! > 0 && this.counts.test[c]! < FEW_OF_CLASS,
    );
    return [
      unlearnt.length > 0 &&
        `No training row is of ${listOf(unlearnt)}: the model cannot predict it.`,
      unscored.length > 0 &&
        `No held-out row is of ${listOf(unscored)}: the metrics do not cover ${unscored.length > 1 ? 'these classes' : 'this class'}.`,
      scarce.length > 0 &&
        `Fewer than ${FEW_OF_CLASS} held-out rows are of ${listOf(scarce)}: the metrics of ${scarce.length > 1 ? 'these classes' : 'this class'} are chance.`,
    ].filter((remark) => remark !== false);
  }

  private onTargets({ target }: Pick<FittedEncoding, 'target'>): string[] {
    if (this.spec.task !== 'regression') return [];
    const { name, transform } = this.spec.target;
    const remarks: string[] = [];
    if (target.range) {
      const [low, high] = target.range;
      const values = this.beyond('training', low, high).join(' and ');
      const ends = [low, high].map((end) => (transform === 'log' ? Math.exp(end) : end));
      remarks.push(
        `A training row has ${values} as ${name}, far beyond the others: targets are clipped to between ${ends.join(' and ')}. Correct the row if it is a mistake.`,
      );
    }
    const reach = FAR_DEVIATIONS * target.deviation;
    const far = this.beyond('test', target.mean - reach, target.mean + reach);
    if (far.length > 0)
      remarks.push(
        `A held-out row has ${far.join(' and ')} as ${name}, far beyond the training rows: it alone decides the mean errors. Correct the row if it is a mistake.`,
      );
    return remarks;
  }

  /** Returns the extreme targets of a part that are, transformed, outside of a range. */
  private beyond(part: Part, low: number, high: number): number[] {
    return this.extremes[part].filter((target) => {
      const learnt = transformTarget(this.spec, target);
      return Number.isFinite(target) && (learnt < low || learnt > high);
    });
  }

  private onRows(): string[] {
    const { test } = this.rows;
    if (test >= FEW_ROWS) return [];
    return [`Only ${test} rows are held out: other rows may give quite different metrics.`];
  }
}

function listOf(classes: readonly string[]): string {
  const named = classes.slice(0, MOST_NAMED).map((name) => JSON.stringify(name));
  const more = classes.length - named.length;
  const list = [...named, ...(more > 0 ? [`${more} more`] : [])];
  const kind = classes.length > 1 ? 'classes' : 'class';
  return `${kind} ${list.slice(0, -1).join(', ')}${list.length > 1 ? ' or ' : ''}${list.at(-1)}`;
}
