import { type RowBlock, valuesAt } from '../ml/rows.js';
import { layoutOf, type Spec } from '../ml/spec.js';

/** Maximum number of rows of each part to compare; their hashes are in memory. */
const MOST_ROWS = 200_000;
/** Minimum share of repeated held-out rows for a remark. */
const LEAST_SHARE = 0.01;
/** Minimum number of rows, since fewer may be in order by chance. */
const LEAST_ORDERED = 20;

/** Observes the arrangement of rows that makes held-out rows differ from future rows. */
export class Arrangement {
  private readonly trained = new Set<number>();
  private readonly held: number[] = [];
  private readonly times: TimeOrder[];

  constructor(spec: Pick<Spec, 'features'>) {
    const { offsets } = layoutOf(spec);
    this.times = spec.features
      .filter(({ kind }) => kind === 'datetime')
      .map(({ name }) => new TimeOrder(name, offsets.get(name)!));
  }

  add(training: RowBlock, test: RowBlock): void {
    for (let row = 0; row < training.count; row++) {
      const values = valuesAt(training, row);
      for (const time of this.times) time.add(values);
      if (this.trained.size < MOST_ROWS) this.trained.add(hashOf(values, training.targets[row]!));
    }
    const room = Math.min(test.count, MOST_ROWS - this.held.length);
    for (let row = 0; row < room; row++)
      this.held.push(hashOf(valuesAt(test, row), test.targets[row]!));
  }

  /** Returns remarks for readers of the metrics, one sentence each. */
  remarks(): string[] {
    const { held, trained, times } = this;
    const repeated = held.filter((hash) => trained.has(hash)).length;
    const remarks = times.filter(({ isOrdered }) => isOrdered).map(({ remark }) => remark);
    if (repeated > 0 && repeated >= LEAST_SHARE * held.length)
      remarks.push(
        `${repeated} of ${held.length} held-out rows are equal to a training row, its target included: if rows were copied, the metrics are better than on new rows.`,
      );
    return remarks;
  }
}

/** Observes whether rows are in the order of a date. */
class TimeOrder {
  private rows = 0;
  private last = Number.NaN;
  private readonly steps = { up: 0, down: 0 };

  constructor(
    private readonly name: string,
    private readonly offset: number,
  ) {}

  add(values: Float64Array): void {
    const time = values[this.offset]!;
    if (Number.isNaN(time)) return;
    this.rows++;
    if (time > this.last) this.steps.up++;
    if (time < this.last) this.steps.down++;
    this.last = time;
  }

  get isOrdered(): boolean {
    const { up, down } = this.steps;
    return this.rows >= LEAST_ORDERED && up > 0 !== down > 0;
  }

  get remark(): string {
    return `The rows are in the order of ${this.name}, and held-out rows are spread among the others: errors may be larger after the last date.`;
  }
}

const words = new Float64Array(1);
const halves = new Uint32Array(words.buffer);

/** Computes a 53-bit hash of a row (two rounds of 32 bits, mixed as in MurmurHash). */
function hashOf(values: Float64Array, target: number): number {
  let [a, b] = [0x9e3779b9, 0x85ebca6b];
  const take = (value: number) => {
    words[0] = value;
    for (const half of halves) {
      a = Math.imul(a ^ half, 0xcc9e2d51);
      a = (a << 15) | (a >>> 17);
      b = Math.imul(b ^ half, 0x1b873593);
      b = (b << 13) | (b >>> 19);
    }
  };
  for (const value of values) take(value);
  take(target);
  a ^= a >>> 16;
  b ^= b >>> 15;
  return (a >>> 0) * 2 ** 21 + (b >>> 11);
}
