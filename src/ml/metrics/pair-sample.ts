import { seededRandom } from '../random.js';

/** Rows to keep; with fewer rows the statistics are exact. */
const SAMPLE = 1 << 17;

/** Prediction and truth of a row. */
export interface Pair {
  prediction: number;
  truth: number;
}

/** A group of pairs with similar predictions. */
export interface Group {
  /** Smallest and largest prediction. */
  from: number;
  to: number;
  pairs: readonly Pair[];
}

/** Keeps a uniform sample of predicted numbers with their truth, in bounded memory. */
export class PairSample {
  rows = 0;
  private readonly kept: Pair[] = [];
  private readonly random = seededRandom(1);

  /** @param capacity pairs to keep */
  constructor(private readonly capacity = SAMPLE) {}

  add(prediction: number, truth: number): void {
    this.rows++;
    // Reservoir sampling (Vitter's algorithm R, 1985): every row has the same probability to be kept.
    const place =
      this.rows <= this.capacity ? this.rows - 1 : Math.floor(this.random() * this.rows);
    if (place < this.capacity) this.kept[place] = { prediction, truth };
  }

  /** Number of rows, of which the sample keeps some. */
  get pairs(): readonly Pair[] {
    return this.kept;
  }

  /** Returns the pairs sorted by prediction, in groups of equal size; fewer groups if there are fewer pairs. */
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

/** Returns a quantile, interpolated. @param sorted ascending, not empty */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}
