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
 * @param truth one a row, in the same order; rows whose truth is 0 do not count in `mape`
 */
export function regressionMetrics(
  predictions: ArrayLike<number>,
  truth: ArrayLike<number>,
): RegressionMetrics {
  const rows = truth.length;
  let absolute = 0;
  let squared = 0;
  let relative = 0;
  let relativeRows = 0;
  let sum = 0;
  let sumOfSquares = 0;
  for (let row = 0; row < rows; row++) {
    const actual = truth[row]!;
    const error = Math.abs(predictions[row]! - actual);
    absolute += error;
    squared += error ** 2;
    sum += actual;
    sumOfSquares += actual ** 2;
    if (actual !== 0) {
      relative += error / Math.abs(actual);
      relativeRows++;
    }
  }
  const variance = sumOfSquares - sum ** 2 / rows;
  return {
    rows,
    mae: absolute / rows,
    rmse: Math.sqrt(squared / rows),
    r2: 1 - squared / variance,
    mape: relative / relativeRows,
  };
}
