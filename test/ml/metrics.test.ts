import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { regressionMetrics } from '../../src/ml/metrics.js';

describe('the metrics of a regression', () => {
  it('are those computed by hand', () => {
    // Errors 1, 0, -2, 1; the truth has mean 5 and squared deviations 9 + 1 + 1 + 9 = 20.
    const metrics = regressionMetrics([3, 4, 4, 9], [2, 4, 6, 8]);
    expect(metrics.rows).toBe(4);
    expect(metrics.mae).toBeCloseTo(4 / 4, 12);
    expect(metrics.rmse).toBeCloseTo(Math.sqrt(6 / 4), 12);
    expect(metrics.r2).toBeCloseTo(1 - 6 / 20, 12);
    expect(metrics.mape).toBeCloseTo((1 / 2 + 0 + 2 / 6 + 1 / 8) / 4, 12);
  });

  it('are perfect for the truth itself', () => {
    expect(regressionMetrics([1, 2, 4], [1, 2, 4])).toEqual({
      rows: 3,
      mae: 0,
      rmse: 0,
      r2: 1,
      mape: 0,
    });
  });

  it('explain nothing by the mean', () => {
    expect(regressionMetrics([3, 3, 3], [1, 2, 6]).r2).toBeCloseTo(0, 12);
  });

  it('leave a truth of 0 out of the relative error', () => {
    expect(regressionMetrics([5, 3, -3], [0, 2, -4]).mape).toBeCloseTo((1 / 2 + 1 / 4) / 2, 12);
  });

  it('explain as much of large numbers as of small ones', () => {
    // Such as moments: deviations of 1 around 1e9, of which an error of 0.5 leaves 1 - 0.25 / 2.
    expect(regressionMetrics([1e9, 1e9 + 1, 1e9 + 2.5], [1e9, 1e9 + 1, 1e9 + 2]).r2).toBeCloseTo(
      0.875,
      6,
    );
  });

  it('do not depend on the order of the rows', () => {
    const pair = fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: 1, max: 99 }));
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1 }), (pairs) => {
        const score = (rows: [number, number][]) =>
          regressionMetrics(
            rows.map(([prediction]) => prediction),
            rows.map(([, truth]) => truth),
          );
        const [there, back] = [score(pairs), score([...pairs].reverse())];
        expect(back.mae).toBe(there.mae);
        expect(back.rmse).toBe(there.rmse);
        expect(back.mape).toBeCloseTo(there.mape, 10);
        expect(there.rmse).toBeGreaterThanOrEqual(there.mae - 1e-9);
      }),
    );
  });
});
