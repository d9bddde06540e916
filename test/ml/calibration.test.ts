import { describe, expect, it } from '@jest/globals';
import { fitTemperature, meanLogLoss } from '../../src/ml/calibration.js';
import { seededRandom } from '../../src/ml/random.js';

const CLASSES = 3;
const ROWS = 4000;

/** Logits, and truths that occur just as often as their softmax says. */
function calibrated(seed: number): { logits: Float32Array; truth: Uint8Array } {
  const random = seededRandom(seed);
  const logits = Float32Array.from({ length: ROWS * CLASSES }, () => 6 * random() - 3);
  const truth = Uint8Array.from({ length: ROWS }, (_, row) => {
    const weights = [...logits.subarray(row * CLASSES, (row + 1) * CLASSES)].map(Math.exp);
    let left = random() * weights.reduce((sum, weight) => sum + weight);
    const chosen = weights.findIndex((weight) => {
      left -= weight;
      return left <= 0;
    });
    return chosen < 0 ? CLASSES - 1 : chosen;
  });
  return { logits, truth };
}

const { logits, truth } = calibrated(1);
const scaled = (by: number) => logits.map((logit) => logit * by);

describe('the temperature', () => {
  it.each([0.25, 0.5, 1, 2, 5])('of logits that are %d times too large is that', (by) => {
    const temperature = fitTemperature(scaled(by), truth, CLASSES);
    expect(temperature / by).toBeGreaterThan(0.92);
    expect(temperature / by).toBeLessThan(1.08);
  });

  it('makes the log loss least', () => {
    const loud = scaled(3);
    const loss = (temperature: number) => meanLogLoss(loud, truth, CLASSES, temperature);
    const best = fitTemperature(loud, truth, CLASSES);
    for (const other of [0.5 * best, 0.9 * best, 1, 1.1 * best, 2 * best])
      expect(loss(best)).toBeLessThan(loss(other));
  });

  it.each([
    ['always right', (row: number) => row % 2, Math.exp(-2)],
    ['always wrong', (row: number) => 1 - (row % 2), Math.exp(2)],
  ])('stays within bounds when the logits are %s', (_what, truthOf, bound) => {
    const sure = Float32Array.from({ length: 200 }, (_, i) =>
      i % 2 === Math.floor(i / 2) % 2 ? 1 : 0,
    );
    const truths = Array.from({ length: 100 }, (_, row) => truthOf(row));
    expect(fitTemperature(sure, truths, 2)).toBeCloseTo(bound, 2);
  });
});

describe('the mean log loss', () => {
  it('is that of the softmax', () => {
    const rows = Float32Array.of(1, 2, 3, 0, 0, 0);
    const first = Math.exp(1) + Math.exp(2) + Math.exp(3);
    const expected = (-Math.log(Math.exp(2) / first) - Math.log(1 / 3)) / 2;
    expect(meanLogLoss(rows, [1, 0], 3)).toBeCloseTo(expected, 6);
    const halved = Float32Array.of(0.5, 1, 1.5, 0, 0, 0);
    expect(meanLogLoss(rows, [1, 0], 3, 2)).toBeCloseTo(meanLogLoss(halved, [1, 0], 3), 6);
  });

  it('is finite however large the logits are', () => {
    expect(meanLogLoss(Float32Array.of(1e30, -1e30), [0], 2)).toBe(0);
    expect(meanLogLoss(Float32Array.of(5000, -5000), [1], 2)).toBeCloseTo(10_000, 3);
  });
});
