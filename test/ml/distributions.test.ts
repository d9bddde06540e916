import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ClassificationScore } from '../../src/ml/metrics/classification.js';
import { Confusion } from '../../src/ml/metrics/confusion.js';
import { PairSample } from '../../src/ml/metrics/pair-sample.js';
import { Reliability } from '../../src/ml/metrics/reliability.js';
import { Roc } from '../../src/ml/metrics/roc.js';
import { quantileOf } from '../../src/ml/statistics.js';

describe('a sample of predictions', () => {
  const sampleOf = (pairs: [number, number][], capacity?: number) => {
    const sample = new PairSample(capacity);
    for (const [prediction, truth] of pairs) sample.add(prediction, truth);
    return sample;
  };

  it('is cut into groups of neighbouring predictions', () => {
    const sample = sampleOf([
      [5, 50],
      [1, 10],
      [4, 40],
      [2, 20],
      [3, 30],
    ]);
    const groups = sample.groups(2).map(({ from, to, pairs }) => [from, to, pairs.length]);
    expect(groups).toEqual([
      [1, 2, 2],
      [3, 5, 3],
    ]);
    expect(sample.groups(10)).toHaveLength(5);
  });

  it('does not grow beyond its capacity, and favours no part', () => {
    const sample = sampleOf(
      Array.from({ length: 20_000 }, (_, i) => [i, i]),
      500,
    );
    expect([sample.rows, sample.pairs.length]).toEqual([20_000, 500]);
    const mean = sample.pairs.reduce((sum, { truth }) => sum + truth, 0) / 500;
    // A mean of 500 has a standard error of 258.
    expect(Math.abs(mean - 10_000)).toBeLessThan(1000);
  });

  it('has quantiles between its values', () => {
    expect([0, 0.25, 0.5, 0.9, 1].map((share) => quantileOf([10, 20, 40], share))).toEqual([
      10, 15, 20, 36, 40,
    ]);
  });
});

describe('reliability', () => {
  it('is counted by hand in its bins', () => {
    const reliability = new Reliability(4);
    for (const [probability, happened] of [
      [0, false],
      [0.2, true],
      [0.25, false],
      [0.9, true],
      [1, true],
    ] as const)
      reliability.add(probability, happened);
    const bins = reliability.bins();
    expect(bins.map(({ rows }) => rows)).toEqual([2, 1, 0, 2]);
    expect(bins[0]).toMatchObject({ from: 0, to: 0.25, predicted: 0.1, observed: 0.5 });
    expect(bins[3]).toMatchObject({ from: 0.75, to: 1, predicted: 0.95, observed: 1 });
    expect(bins[2]!.observed).toBeNaN();
  });

  it('has intervals as Wilson has them', () => {
    const reliability = new Reliability(1);
    for (let i = 0; i < 10; i++) reliability.add(0.5, i < 8);
    const [low, high] = reliability.bins()[0]!.interval;
    // Of 8 in 10, as statsmodels' proportion_confint tells.
    expect(low).toBeCloseTo(0.49016, 4);
    expect(high).toBeCloseTo(0.94332, 4);
  });
});

describe('the ROC curve', () => {
  it('is that computed by hand', () => {
    const roc = new Roc();
    roc.add(0.9, true);
    roc.add(0.6, false);
    roc.add(0.3, true);
    roc.add(0.3, false);
    expect(roc.curve()).toEqual([
      { falsePositives: 0, truePositives: 0 },
      { falsePositives: 0, truePositives: 0.5 },
      { falsePositives: 0.5, truePositives: 0.5 },
      { falsePositives: 1, truePositives: 1 },
    ]);
    expect(roc.at(0.5)).toEqual({ falsePositives: 0.5, truePositives: 0.5 });
  });

  it('takes certainties and classes without rows', () => {
    const roc = new Roc();
    roc.add(1, true);
    roc.add(0, true);
    expect(roc.curve().at(-1)).toEqual({ falsePositives: 0, truePositives: 1 });
  });

  it('has the area that the metrics tell', () => {
    // Twentieths are in bins of their own, so that nothing is lost.
    const row = fc.tuple(fc.integer({ min: 1, max: 19 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(row, { minLength: 2 }), (rows) => {
        fc.pre(new Set(rows.map(([, positive]) => positive)).size === 2);
        const [roc, score] = [new Roc(), new ClassificationScore(2)];
        for (const [twentieths, positive] of rows) {
          roc.add(twentieths / 20, positive);
          score.add([1 - twentieths / 20, twentieths / 20], Number(positive));
        }
        const curve = roc.curve();
        const area = curve.slice(1).reduce((sum, point, i) => {
          const width = point.falsePositives - curve[i]!.falsePositives;
          return sum + (width * (point.truePositives + curve[i]!.truePositives)) / 2;
        }, 0);
        expect(area).toBeCloseTo(score.metrics().auc, 10);
      }),
    );
  });
});

describe('confusion', () => {
  const confusion = new Confusion(3);
  for (const [predicted, truth] of [
    [0, 0],
    [0, 0],
    [1, 0],
    [2, 1],
    [1, 2],
    [2, 2],
  ] as const)
    confusion.add(predicted, truth);

  it('has a row for each true class', () => {
    expect(confusion.matrix()).toEqual([
      [2, 1, 0],
      [0, 0, 1],
      [0, 1, 1],
    ]);
  });

  it('sums up the classes that are rare', () => {
    expect(confusion.joined(3)).toEqual({ kept: [0, 1, 2], matrix: confusion.matrix() });
    expect(confusion.joined(2)).toEqual({
      kept: [0, 2],
      matrix: [
        [2, 0, 1],
        [0, 1, 1],
        [0, 1, 0],
      ],
    });
  });
});
