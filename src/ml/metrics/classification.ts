import type { Static } from 'typebox';
import * as Type from 'typebox';
import { sum } from '../statistics.js';

const share = (description: string) => Type.Number({ description });

/** Metrics of predicted probabilities of classes. */
export const ClassificationMetrics = Type.Object({
  rows: Type.Integer(),
  accuracy: share('Share of rows whose most probable class is the true one.'),
  logLoss: share('Mean of -ln of the predicted probability of the true class.'),
  auc: share(
    'Area under the ROC curve of the second class; of more than two, the mean of each against the rest.',
  ),
  brier: share(
    "Mean squared error of the second class's probability; of more than two, summed over all.",
  ),
  balancedAccuracy: share('Mean over the classes of the share that was recognised.'),
});
export type ClassificationMetrics = Static<typeof ClassificationMetrics>;

/** Minimum probability in the log loss, which would be infinite for 0. */
const LEAST = 1e-7;

/** Scores probabilities of classes against the truth, row by row. */
export class ClassificationScore {
  private readonly scores: number[][];
  private readonly truth: number[] = [];
  private readonly recognised: Float64Array;
  private readonly occurring: Float64Array;
  private loss = 0;
  private squared = 0;

  constructor(private readonly classes: number) {
    this.scores = Array.from({ length: classes === 2 ? 1 : classes }, () => []);
    this.recognised = new Float64Array(classes);
    this.occurring = new Float64Array(classes);
  }

  /** Adds a row. @param probabilities of each class @param truth the index of the true one */
  add(probabilities: ArrayLike<number>, truth: number): void {
    this.truth.push(truth);
    this.occurring[truth]!++;
    if (mostProbable(probabilities) === truth) this.recognised[truth]!++;
    this.loss -= Math.log(Math.min(1, Math.max(LEAST, probabilities[truth]!)));
    for (let c = this.classes === 2 ? 1 : 0; c < this.classes; c++)
      this.squared += (probabilities[c]! - Number(c === truth)) ** 2;
    this.scores.forEach((scores, i) => {
      scores.push(probabilities[this.classes === 2 ? 1 : i]!);
    });
  }

  metrics(): ClassificationMetrics {
    const rows = this.truth.length;
    const present = [...this.occurring.keys()].filter((c) => this.occurring[c]! > 0);
    return {
      rows,
      accuracy: sum(this.recognised) / rows,
      logLoss: this.loss / rows,
      auc: this.auc(present),
      brier: this.squared / rows,
      balancedAccuracy: mean(present.map((c) => this.recognised[c]! / this.occurring[c]!)),
    };
  }

  private auc(present: readonly number[]): number {
    // With rows of only one class, the curve is undefined: 0.5 is chance.
    if (present.length < 2) return 0.5;
    if (this.classes === 2) return areaUnderCurve(this.scores[0]!, this.truth, 1);
    return mean(present.map((c) => areaUnderCurve(this.scores[c]!, this.truth, c)));
  }
}

/** Returns the index of the largest probability; of equals the first. */
export function mostProbable(probabilities: ArrayLike<number>): number {
  let best = 0;
  for (let c = 1; c < probabilities.length; c++)
    if (probabilities[c]! > probabilities[best]!) best = c;
  return best;
}

/** Computes the area by the rank sum of positive rows (Mann and Whitney, 1947); equal scores share their mean rank. */
function areaUnderCurve(
  scores: readonly number[],
  truth: readonly number[],
  positive: number,
): number {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  let ranks = 0;
  let positives = 0;
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
    for (let i = start; i < end; i++) {
      if (truth[order[i]!] !== positive) continue;
      ranks += (start + end + 1) / 2;
      positives++;
    }
    start = end;
  }
  const negatives = order.length - positives;
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
