import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import sharp from 'sharp';
import { ClassificationScore } from '../../src/ml/metrics/classification.js';
import { Confusion } from '../../src/ml/metrics/confusion.js';
import { PairSample, quantileOf } from '../../src/ml/metrics/pair-sample.js';
import { Reliability } from '../../src/ml/metrics/reliability.js';
import { Roc } from '../../src/ml/metrics/roc.js';
import type { Spec } from '../../src/ml/spec.js';
import { countCells } from '../../src/training/plots/density.js';
import { errorQuantiles } from '../../src/training/plots/errors.js';
import { createPlotter } from '../../src/training/plots/plotter.js';
import { linearScale, logScale, tickLabel } from '../../src/training/plots/scale.js';

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

  it('has relative and absolute errors', () => {
    const pairs = [
      { prediction: 110, truth: 100 },
      { prediction: 40, truth: 50 },
      { prediction: 7, truth: 0 },
      { prediction: -1, truth: -2 },
    ];
    const group = { from: -1, to: 110, pairs };
    // Relative: 0.1, -0.2, none, 0.5; absolute: 10, -10, 7, 1.
    expect(errorQuantiles(group, 'relative')[2]).toBeCloseTo(0.1, 12);
    expect(errorQuantiles(group, 'relative')[1]).toBeCloseTo(-0.05, 12);
    expect(errorQuantiles(group, 'absolute')[2]).toBe(4);
  });

  it('is counted in cells, what lies on the far edge in the last', () => {
    const pairs = [
      { prediction: 0, truth: 3.9 },
      { prediction: 4, truth: 4 },
      { prediction: 1.9, truth: 0 },
    ];
    expect([...countCells(pairs, (value) => value / 4, 2)]).toEqual([1, 1, 0, 1]);
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

describe('scales', () => {
  it('have ticks at round numbers', () => {
    expect(linearScale(0, 1, [0, 100]).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearScale(-0.16, 0.24, [0, 1]).ticks).toEqual([-0.1, 0, 0.1, 0.2]);
    expect(linearScale(0.1, 0.35, [0, 1]).ticks).toEqual([0.1, 0.15, 0.2, 0.25, 0.3, 0.35]);
    expect(logScale(300, 19_000, [0, 1]).ticks).toEqual([500, 1000, 2000, 5000, 10_000]);
    expect(logScale(0.01, 1000, [0, 1]).ticks).toEqual([0.01, 0.1, 1, 10, 100, 1000]);
    expect([0, 0.15, 1000, 12_345, 2_500_000].map(tickLabel)).toEqual([
      '0',
      '0.15',
      '1,000',
      '12,345',
      '2.5M',
    ]);
  });

  it('put values where they belong', () => {
    expect(linearScale(10, 20, [0, 100]).at(12)).toBeCloseTo(20, 10);
    expect(logScale(1, 100, [100, 0]).at(10)).toBeCloseTo(50, 10);
  });

  it.each([
    [5, 5],
    [0, 1e-9],
    [-3e8, 4e8],
    [2, 2.0001],
  ])('take any range: %d to %d', (from, to) => {
    const scale = linearScale(from, to, [0, 50]);
    expect([scale.at(scale.from), scale.at(scale.to)].map(Math.round)).toEqual([0, 50]);
    const { ticks } = scale;
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(8);
  });
});

describe('the plots', () => {
  const NASTY = 'R&D <"x">\u0000';
  const spec = (task: Spec['task'], target: Spec['target']) => ({ task, target }) as Spec;
  const numbers = (length: number, of: (i: number) => number) =>
    Float64Array.from({ length }, (_, i) => of(i));
  const classNames = (length: number) => Array.from({ length }, (_, i) => `${NASTY} ${i}`);

  /** Rows whose most probable class is mostly the true one. */
  const classified = (classes: number, rows: number) => ({
    predictions: numbers(rows * classes, (i) => {
      const [row, c] = [Math.floor(i / classes), i % classes];
      const sure = 0.4 + 0.6 * ((row * 0.618) % 1);
      return c === row % classes ? sure : (1 - sure) / (classes - 1);
    }),
    truth: numbers(rows, (row) => (row % 7 === 0 ? 0 : row % classes)),
  });
  const priced = {
    predictions: numbers(4000, (i) => 300 + i * (1 + 0.2 * Math.sin(i))),
    truth: numbers(4000, (i) => 300 + i),
  };

  const CASES: [string, Spec, { predictions: Float64Array; truth: Float64Array }, string[]][] = [
    [
      'a price',
      spec('regression', { name: NASTY, unit: '<USD>', transform: 'log' }),
      priced,
      ['predicted', 'errors'],
    ],
    ['a number', spec('regression', { name: 'b' }), priced, ['predicted', 'errors']],
    [
      'one row',
      spec('regression', { name: 'b' }),
      { predictions: numbers(1, () => 0), truth: numbers(1, () => 0) },
      ['predicted', 'errors'],
    ],
    [
      'two classes',
      spec('classification', { name: 'c', classes: classNames(2) }),
      classified(2, 3000),
      ['calibration', 'roc'],
    ],
    [
      'three classes',
      spec('classification', { name: 'c', classes: classNames(3) }),
      classified(3, 300),
      ['confusion', 'calibration'],
    ],
    [
      'many classes',
      spec('classification', { name: 'c', classes: classNames(60) }),
      classified(60, 3000),
      ['confusion', 'calibration'],
    ],
  ];

  it.each(CASES)('of %s are small, well-formed and described', async (_what, its, rows, names) => {
    const plotter = createPlotter(its);
    plotter.add(rows.predictions, rows.truth);
    const plots = plotter.plots();
    expect(plots.map(({ name }) => name)).toEqual(names);
    for (const { svg, title } of plots) {
      const { width, height } = await sharp(Buffer.from(svg))
        .png()
        .toBuffer()
        .then((png) => sharp(png).metadata());
      expect(Math.min(width, height)).toBeGreaterThan(300);
      expect(svg.length).toBeLessThan(40_000);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(svg).toMatch(
        /role="img"[^>]*>\s*<title>[^<]+<\/title>\s*<desc>[^<]{40,}<\/desc>\s*<rect[^>]+fill="#fff"/,
      );
      expect(title).not.toBe('');
    }
  });

  it.each(CASES)(
    'of %s are the same whatever blocks the rows come in',
    (_what, its, { predictions, truth }) => {
      const [whole, parted] = [createPlotter(its), createPlotter(its)];
      whole.add(predictions, truth);
      const outputs = predictions.length / truth.length;
      const cut = Math.floor(truth.length / 3);
      parted.add(predictions.subarray(0, cut * outputs), truth.subarray(0, cut));
      parted.add(predictions.subarray(cut * outputs), truth.subarray(cut));
      expect(parted.plots()).toEqual(whole.plots());
    },
  );

  it('are none of no row', () => {
    for (const [, its] of CASES) expect(createPlotter(its).plots()).toEqual([]);
  });

  it('are not taken for well-formed when they are not', async () => {
    await expect(
      sharp(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><g></svg>')).png().toBuffer(),
    ).rejects.toThrow();
  });
});
