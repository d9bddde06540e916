import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seededRandom } from '../../src/ml/random.js';
import { Summary } from '../../src/ml/statistics.js';

function summaryOf(values: Iterable<number>): Summary {
  const summary = new Summary();
  for (const value of values) summary.add(value);
  return summary;
}

/** The mean of numbers, none of which are lost beside larger ones. */
const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value / values.length, 0);

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return below + (above - below) * (at % 1);
}

/** Not -0, of which nobody asks whether it is the least. */
const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0);
const numbers = fc.array(fc.oneof(number, fc.integer({ min: -3, max: 3 })), { minLength: 1 });
const shares = fc.double({ min: 0, max: 1, noNaN: true });

describe('a summary', () => {
  it('is what the naive formulas give', () => {
    fc.assert(
      fc.property(numbers, shares, (values, share) => {
        const summary = summaryOf(values);
        expect(summary.count).toBe(values.length);
        expect(summary.minimum).toBe(Math.min(...values));
        expect(summary.maximum).toBe(Math.max(...values));
        const scale = Math.max(1, ...values.map(Math.abs));
        const middle = mean(values);
        const deviation = Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
        expect(Math.abs(summary.mean - middle) / scale).toBeLessThan(1e-12);
        expect(Math.abs(summary.deviation - deviation) / scale).toBeLessThan(1e-7);
        expect(Math.abs(summary.quantile(share) - quantile(values, share)) / scale).toBeLessThan(
          1e-12,
        );
        expect(Math.abs(summary.median - quantile(values, 0.5)) / scale).toBeLessThan(1e-12);
      }),
      { seed: 1 },
    );
  });

  it('leaves out what is no number', () => {
    const gaps = summaryOf([Number.NaN, 1, Number.NaN, 3]);
    expect([gaps.count, gaps.mean, gaps.median, gaps.deviation]).toEqual([2, 2, 2, 1]);
    expect([gaps.minimum, gaps.maximum]).toEqual([1, 3]);
  });

  it('of nothing has no middle', () => {
    const nothing = summaryOf([]);
    expect(nothing.count).toBe(0);
    expect([nothing.median, nothing.quantile(0), nothing.quantile(1), nothing.deviation]).toEqual(
      Array(4).fill(Number.NaN),
    );
  });

  it('of a constant has no deviation, however large it is', () => {
    const { mean, deviation, median } = summaryOf(Array(1000).fill(1e15 + 1));
    expect([mean, deviation, median]).toEqual([1e15 + 1, 0, 1e15 + 1]);
  });

  it('keeps small differences of large numbers', () => {
    const { deviation } = summaryOf(Array.from({ length: 1000 }, (_, i) => 1e9 + (i % 2)));
    expect(deviation).toBeCloseTo(0.5, 6);
  });

  it('has the ends as the quantiles of 0 and 1', () => {
    const values = Array.from({ length: 2000 }, seededRandom(3));
    const summary = summaryOf(values);
    expect([summary.quantile(0), summary.quantile(1)]).toEqual([summary.minimum, summary.maximum]);
  });

  it('can go on after it was asked', () => {
    const summary = summaryOf([5, 1]);
    expect(summary.median).toBe(3);
    summary.add(0);
    expect([summary.median, summary.quantile(0)]).toEqual([1, 0]);
  });
});

describe('a summary of more numbers than it keeps', () => {
  const count = 300_000;
  /** Rising numbers: the first kept alone would give them away. */
  const rising = summaryOf(Array.from({ length: count }, (_, i) => i / count));

  it.each([0.01, 0.25, 0.5, 0.9, 0.99])('has the quantile of %d nearly right', (share) => {
    // The deviation of a quantile of 131,072 random numbers from 0 to 1 is 0.0014 at most.
    expect(Math.abs(rising.quantile(share) - share)).toBeLessThan(0.006);
  });

  it('has everything else as if it kept them all', () => {
    expect([rising.count, rising.minimum, rising.maximum]).toEqual([count, 0, 1 - 1 / count]);
    expect(rising.mean).toBeCloseTo(0.5 - 0.5 / count, 10);
    expect(rising.deviation).toBeCloseTo(Math.sqrt(1 / 12), 6);
  });

  it('has quantiles among the numbers that there were', () => {
    expect(rising.quantile(0)).toBeGreaterThanOrEqual(0);
    expect(rising.quantile(1)).toBeLessThan(1);
    expect(rising.quantile(0)).toBeLessThan(0.001);
    expect(rising.quantile(1)).toBeGreaterThan(0.999);
  });

  it('is the same each time', () => {
    const again = summaryOf(Array.from({ length: count }, (_, i) => i / count));
    for (const share of [0.1, 0.5, 0.7]) expect(again.quantile(share)).toBe(rising.quantile(share));
  });
});

describe('the scale of numbers', () => {
  const ordinary = Array.from({ length: 299 }, (_, i) => (i * 37) % 100);

  it('is mean and deviation of ordinary numbers, be their tails heavy', () => {
    const cauchy = Array.from({ length: 999 }, (_, i) => Math.tan((Math.PI * (i - 499)) / 1000));
    const logNormal = Array.from({ length: 500 }, (_, i) => Math.exp(2 * Math.sin(i)));
    for (const values of [ordinary, cauchy, logNormal, [3, 3, 3], [1]]) {
      const { mean, deviation } = summaryOf(values);
      expect(summaryOf(values).scale()).toEqual({ mean, deviation });
    }
  });

  it.each([1e12, -1e12, 1e300, -1e300])('leaves out %d among 299 others', (odd) => {
    const { mean, deviation } = summaryOf(ordinary);
    const scale = summaryOf([...ordinary, odd]).scale();
    expect(scale.range).toEqual([expect.closeTo(0), expect.closeTo(99)]);
    expect(scale.mean).toBeCloseTo(mean, 9);
    expect(scale.deviation).toBeCloseTo(deviation, 9);
  });

  const zeros = (count: number) => Array.from({ length: count }, () => 0);
  it.each([
    ['one amount in twenty', [...zeros(950), ...ordinary.slice(0, 50).map((i) => 1000 + i)]],
    [
      'as many amounts as just move a quantile',
      [...zeros(990), ...zeros(10).map((_, i) => 900 + i)],
    ],
    ['three amounts', [...zeros(997), 5, 7000, 20_000]],
    [
      'small amounts and, rarely, large ones',
      [...zeros(900), ...zeros(80).map(() => 0.01), ...zeros(20).map((_, i) => 900 + i)],
    ],
    [
      'a fortieth far from the rest',
      [...ordinary, ...ordinary, ...zeros(15).map((_, i) => 1e6 + i)],
    ],
  ])('counts all of %s', (_what, values) => {
    expect(summaryOf(values).scale().range).toBeUndefined();
  });

  it('leaves out what is absurd among amounts that are rarely paid', () => {
    const amounts = ordinary.slice(0, 100).map((i) => 100 + i);
    const { range } = summaryOf([...zeros(900), ...amounts, 1e12]).scale();
    expect(range).toEqual([0, expect.closeTo(199, 0)]);
  });

  it.each([1e-300, 1e300, 1e-200, 1e15])('is known of numbers of the order of %d', (unit) => {
    const { mean, deviation } = summaryOf(ordinary.map((value) => value * unit)).scale();
    expect(mean / unit).toBeCloseTo(summaryOf(ordinary).mean, 9);
    expect(deviation / unit).toBeCloseTo(summaryOf(ordinary).deviation, 9);
  });

  it('of a constant with a little noise is that of the noise', () => {
    const { deviation } = summaryOf(ordinary.map((value) => 5 + value * 1e-12)).scale();
    expect(deviation / (summaryOf(ordinary).deviation * 1e-12)).toBeCloseTo(1, 2);
  });
});
