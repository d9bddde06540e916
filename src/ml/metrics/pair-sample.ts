import { seededRandom } from '../random.js';

/** Number of rows to keep: statistics of fewer rows are exact. */
const SAMPLE = 1 << 17;

/** The prediction for a row, and its truth. */
export interface Pair {
  prediction: number;
  truth: number;
}

/** Pairs with similar predictions. */
export interface Group {
  /** Smallest and largest prediction. */
  from: number;
  to: number;
  pairs: readonly Pair[];
}

/** Keeps a random sample of predicted numbers with their truth, in bounded memory. */
export class PairSample {
  rows = 0;
  private readonly kept: Pair[] = [];
  private readonly random = seededRandom(1);

  /** @param capacity number of pairs to keep */
  constructor(private readonly capacity = SAMPLE) {}

  add(prediction: number, truth: number): void {
    this.rows++;
    // Reservoir sampling (Vitter's algorithm R, 1985): all rows are equally likely to be kept.
    const place =
      this.rows <= this.capacity ? this.rows - 1 : Math.floor(this.random() * this.rows);
    if (place < this.capacity) this.kept[place] = { prediction, truth };
  }

  /** Returns all pairs, or those that were kept. */
  get pairs(): readonly Pair[] {
    return this.kept;
  }

  /** Groups the pairs by their prediction, in groups of equal size; at most as many groups as pairs. */
  groups(count: number): Group[] {
    const sorted = [...this.kept].sort((a, b) => a.prediction - b.prediction);
    const groups = Math.min(count, sorted.length);
    const cut = (group: number) => Math.floor((group * sorted.length) / groups);
    return Array.from({ length: groups }, (_, group) => {
      const pairs = sorted.slice(cut(group), cut(group + 1));
      return { from: pairs[0]!.prediction, to: pairs.at(-1)!.prediction, pairs };
    });
  }
}
