import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Summary } from '../statistics.js';

/** Metrics of predicted numbers. */
export const RegressionMetrics = Type.Object({
  rows: Type.Integer(),
  mae: Type.Number({ description: 'Mean absolute error, in units of the target.' }),
  rmse: Type.Number({ description: 'Root of the mean squared error, in units of the target.' }),
  r2: Type.Number({ description: 'Share of the variance that is explained; 1 is perfect.' }),
  mape: Type.Number({ description: 'Mean absolute error relative to the truth, as a share.' }),
});
export type RegressionMetrics = Static<typeof RegressionMetrics>;

/**
 * Scores predicted numbers against the truth, row by row. Rows whose truth is 0 do not count in `mape`, which is 0 if
 * none counts. If the truth is constant, `r2` is 1 for perfect predictions and else 0, as in scikit-learn.
 */
export class RegressionScore {
  private readonly truth = new Summary();
  private absolute = 0;
  private squared = 0;
  private relative = 0;
  private relativeRows = 0;

  add(prediction: number, truth: number): void {
    const error = Math.abs(prediction - truth);
    this.truth.add(truth);
    this.absolute += error;
    this.squared += error ** 2;
    if (truth !== 0) {
      this.relative += error / Math.abs(truth);
      this.relativeRows++;
    }
  }

  metrics(): RegressionMetrics {
    const rows = this.truth.count;
    const variation = this.truth.deviation ** 2 * rows;
    return {
      rows,
      mae: this.absolute / rows,
      rmse: Math.sqrt(this.squared / rows),
      r2: variation > 0 ? 1 - this.squared / variation : Number(this.squared === 0),
      mape: this.relative / Math.max(1, this.relativeRows),
    };
  }
}
