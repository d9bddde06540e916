import { sum } from '../statistics.js';

/** Counts rows by their true and predicted class. */
export class Confusion {
  private readonly counts: Float64Array;

  constructor(readonly classes: number) {
    this.counts = new Float64Array(classes * classes);
  }

  /** Adds a row. @param predicted the index of the most probable class @param truth the index of the true one */
  add(predicted: number, truth: number): void {
    this.counts[truth * this.classes + predicted]!++;
  }

  /** Returns the counts: one row per true class, one column per predicted class. */
  matrix(): number[][] {
    return Array.from({ length: this.classes }, (_, truth) =>
      Array.from(this.counts.subarray(truth * this.classes, (truth + 1) * this.classes)),
    );
  }

  /** Returns the matrix of the most frequent classes, in their order; any others are summed as a last class. */
  joined(most: number): { kept: number[]; matrix: number[][] } {
    const whole = this.matrix();
    const all = [...whole.keys()];
    if (this.classes <= most) return { kept: all, matrix: whole };
    const rows = whole.map(sum);
    const kept = all
      .sort((a, b) => rows[b]! - rows[a]! || a - b)
      .slice(0, most)
      .sort((a, b) => a - b);
    const place = new Map(kept.map((c, i) => [c, i]));
    const matrix = Array.from({ length: most + 1 }, () => new Array<number>(most + 1).fill(0));
    for (const [truth, row] of whole.entries())
      for (const [predicted, count] of row.entries())
        matrix[place.get(truth) ?? most]![place.get(predicted) ?? most]! += count;
    return { kept, matrix };
  }
}
