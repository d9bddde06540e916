import { type Static, Type } from 'typebox';

/** How well predictions of a number meet the truth. */
export const RegressionMetrics = Type.Object({
  rows: Type.Integer(),
  mae: Type.Number({ description: 'Mean absolute error, in units of the target.' }),
  rmse: Type.Number({ description: 'Root of the mean squared error, in units of the target.' }),
  r2: Type.Number({ description: 'Share of the variance that is explained; 1 is perfect.' }),
  mape: Type.Number({ description: 'Mean absolute error relative to the truth, as a share.' }),
});
export type RegressionMetrics = Static<typeof RegressionMetrics>;

/**
 * Scores predictions against the truth.
 * @param predictions one a row
 * @param truth one a row, in the same order; rows whose truth is 0 do not count in `mape`, which is 0 when
 *   none counts. Where the truth never varies, `r2` is 1 for perfect predictions and else 0, as in
 *   scikit-learn.
 */
export function regressionMetrics(
  predictions: ArrayLike<number>,
  truth: ArrayLike<number>,
): RegressionMetrics {
  const rows = truth.length;
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += truth[row]!;
  const mean = sum / rows;
  let absolute = 0;
  let squared = 0;
  let variation = 0;
  let relative = 0;
  let relativeRows = 0;
  for (let row = 0; row < rows; row++) {
    const actual = truth[row]!;
    const error = Math.abs(predictions[row]! - actual);
    absolute += error;
    squared += error ** 2;
    variation += (actual - mean) ** 2;
    if (actual !== 0) {
      relative += error / Math.abs(actual);
      relativeRows++;
    }
  }
  return {
    rows,
    mae: absolute / rows,
    rmse: Math.sqrt(squared / rows),
    r2: variation > 0 ? 1 - squared / variation : Number(squared === 0),
    mape: relative / Math.max(1, relativeRows),
  };
}
