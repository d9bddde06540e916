import { sum } from '../statistics.js';

/** Bins are equally wide in log odds, so that small probabilities are resolved too. */
const MOST = 16;
const BINS_PER_UNIT = 128;
const BINS = 2 * MOST * BINS_PER_UNIT;

/** A point of the curve, for a minimum probability. */
export interface RocPoint {
  /** Share of the rows of the other class that reach it. */
  falsePositives: number;
  /** Share of the rows of the class that reach it. */
  truePositives: number;
}

/** Computes the receiver operating characteristic of the probability of a class. */
export class Roc {
  private readonly negatives = new Float64Array(BINS);
  private readonly positives = new Float64Array(BINS);

  add(probability: number, positive: boolean): void {
    (positive ? this.positives : this.negatives)[binOf(probability)]!++;
  }

  /** Returns the curve from (0, 0) to (1, 1), a point per bin with rows. The share of a class without rows stays 0. */
  curve(): RocPoint[] {
    let [negatives, positives] = [0, 0];
    const points = [this.point(negatives, positives)];
    for (let bin = BINS - 1; bin >= 0; bin--) {
      if (this.negatives[bin] === 0 && this.positives[bin] === 0) continue;
      negatives += this.negatives[bin]!;
      positives += this.positives[bin]!;
      points.push(this.point(negatives, positives));
    }
    return points;
  }

  /** Returns the point of a threshold, with the precision of a bin. */
  at(threshold: number): RocPoint {
    const bin = binOf(threshold);
    return this.point(sum(this.negatives.subarray(bin)), sum(this.positives.subarray(bin)));
  }

  private point(negatives: number, positives: number): RocPoint {
    return {
      falsePositives: negatives / Math.max(1, sum(this.negatives)),
      truePositives: positives / Math.max(1, sum(this.positives)),
    };
  }
}

function binOf(probability: number): number {
  const odds = Math.log(probability / (1 - probability));
  return Math.max(0, Math.min(BINS - 1, Math.floor((odds + MOST) * BINS_PER_UNIT)));
}
