import { seededRandom } from '../random.js';

/** So many rows are kept: with fewer, what is told of them is exact. */
const SAMPLE = 1 << 17;

/** What was predicted of a row, and the truth. */
export interface Pair {
  prediction: number;
  truth: number;
}

/** Pairs whose predictions are neighbours. */
export interface Group {
  /** Smallest and largest prediction. */
  from: number;
  to: number;
  pairs: readonly Pair[];
}

/** Keeps an even sample of predictions of a number with their truth, in bounded memory. */
export class PairSample {
  rows = 0;
  private readonly kept: Pair[] = [];
  private readonly random = seededRandom(1);

  /** @param capacity how many are kept */
  constructor(private readonly capacity = SAMPLE) {}

  add(prediction: number, truth: number): void {
    this.rows++;
    // Reservoir sampling (Vitter's algorithm R, 1985): every row is as likely to be kept.
    const place =
      this.rows <= this.capacity ? this.rows - 1 : Math.floor(this.random() * this.rows);
    if (place < this.capacity) this.kept[place] = { prediction, truth };
  }

  /** All rows, or so many of them as were kept. */
  get pairs(): readonly Pair[] {
    return this.kept;
  }

  /** The pairs by their prediction, cut into groups of equal size; fewer groups when there are fewer pairs. */
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

/** The value that a share of all lies below, interpolated. @param sorted ascending, not empty */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}
