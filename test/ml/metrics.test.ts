import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ClassificationScore } from '../../src/ml/metrics/classification.js';
import { RegressionScore } from '../../src/ml/metrics/regression.js';

function regressionMetrics(predictions: readonly number[], truth: readonly number[]) {
  const score = new RegressionScore();
  for (const [row, value] of truth.entries()) score.add(predictions[row]!, value);
  return score.metrics();
}

/** @param rows the probabilities of each row, and its class */
function classificationMetrics(...rows: [number[], number][]) {
  const score = new ClassificationScore(rows[0]![0].length);
  for (const [probabilities, truth] of rows) score.add(probabilities, truth);
  return score.metrics();
}

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
        expect(back.r2).toBeCloseTo(there.r2, 8);
        expect(back.mape).toBeCloseTo(there.mape, 10);
        expect(there.rmse).toBeGreaterThanOrEqual(there.mae - 1e-9);
      }),
    );
  });
});

describe('the metrics of a classification', () => {
  const rows: [number[], number][] = [
    [[0.9, 0.1], 0],
    [[0.4, 0.6], 0],
    [[0.7, 0.3], 1],
    [[0.2, 0.8], 1],
  ];

  it('are those computed by hand', () => {
    const metrics = classificationMetrics(...rows, [[0.8, 0.2], 0]);
    expect(metrics).toMatchObject({ rows: 5, accuracy: 3 / 5 });
    expect(metrics.balancedAccuracy).toBeCloseTo((2 / 3 + 1 / 2) / 2, 12);
    const product = 0.9 * 0.4 * 0.3 * 0.8 * 0.8;
    expect(metrics.logLoss).toBeCloseTo(-Math.log(product) / 5, 12);
    expect(metrics.brier).toBeCloseTo((0.01 + 0.36 + 0.49 + 0.04 + 0.04) / 5, 12);
    // Of the six pairs of a positive and a negative row only 0.3 against 0.6 is the wrong way round.
    expect(metrics.auc).toBeCloseTo(5 / 6, 12);
  });

  it('count equal scores half', () => {
    expect(classificationMetrics([[0.5, 0.5], 0], [[0.5, 0.5], 1]).auc).toBe(0.5);
  });

  it('take the mean over the classes when there are more than two', () => {
    const metrics = classificationMetrics(
      [[0.8, 0.1, 0.1], 0],
      [[0.1, 0.8, 0.1], 1],
      [[0.2, 0.2, 0.6], 2],
      [[0.6, 0.3, 0.1], 1],
    );
    expect(metrics).toMatchObject({ accuracy: 3 / 4, auc: 1 });
    expect(metrics.balancedAccuracy).toBeCloseTo((1 + 1 / 2 + 1) / 3, 12);
    const [a, b, c, d] = [0.04 + 0.01 + 0.01, 0.06, 0.04 + 0.04 + 0.16, 0.36 + 0.49 + 0.01];
    expect(metrics.brier).toBeCloseTo((a + b + c + d) / 4, 12);
  });

  it('stay finite where a probability is 0 or all rows are of one class', () => {
    const metrics = classificationMetrics([[1, 0], 1], [[0.5, 0.5], 1]);
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
    expect(metrics.auc).toBe(0.5);
  });

  it('rank as comparing every pair would', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 10 }), fc.nat(1));
    fc.assert(
      fc.property(fc.array(row, { minLength: 2 }), (scored) => {
        const of = (wanted: number) =>
          scored.filter(([, truth]) => truth === wanted).map(([score]) => score);
        const [negative, positive] = [of(0), of(1)];
        fc.pre(negative.length > 0 && positive.length > 0);
        let right = 0;
        for (const p of positive) for (const n of negative) right += p > n ? 1 : p === n ? 0.5 : 0;
        const { auc } = classificationMetrics(
          ...scored.map(([score, truth]): [number[], number] => [
            [1 - score / 10, score / 10],
            truth,
          ]),
        );
        expect(auc).toBeCloseTo(right / (negative.length * positive.length), 10);
      }),
    );
  });
});
