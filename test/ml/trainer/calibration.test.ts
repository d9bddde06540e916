import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../../../src/ml/random.js';
import { calibrate, meanLogLoss } from '../../../src/ml/trainer/calibration.js';

const ROWS = 6000;

/** Logits, and truths that occur just as often as their softmax says. */
function calibrated(classes: number, seed: number): { logits: Float32Array; truth: Uint8Array } {
  const random = seededRandom(seed);
  const logits = Float32Array.from({ length: ROWS * classes }, () => 6 * random() - 3);
  const truth = Uint8Array.from({ length: ROWS }, (_, row) => {
    const weights = [...logits.subarray(row * classes, (row + 1) * classes)].map(Math.exp);
    let left = random() * weights.reduce((sum, weight) => sum + weight);
    const chosen = weights.findIndex((weight) => {
      left -= weight;
      return left <= 0;
    });
    return chosen < 0 ? classes - 1 : chosen;
  });
  return { logits, truth };
}

describe('of three classes', () => {
  const { logits, truth } = calibrated(3, 1);
  const scaled = (by: number) => logits.map((logit) => logit * by);

  it.each([0.25, 0.5, 1, 2, 5])('logits that are %d times too large are scaled back', (by) => {
    const { scale, bias } = calibrate(scaled(by), truth, 3);
    expect(Math.abs(scale * by - 1)).toBeLessThan(0.08);
    expect(bias).toBe(0);
  });

  it('the log loss is the least that a scale can reach', () => {
    const loud = scaled(3);
    const loss = (scale: number) => meanLogLoss(loud, truth, 3, { scale, bias: 0 });
    const { scale } = calibrate(loud, truth, 3);
    for (const factor of [0.5, 0.9, 1.1, 2]) expect(loss(scale)).toBeLessThan(loss(factor * scale));
  });
});

describe('of two classes', () => {
  const { logits, truth } = calibrated(2, 2);

  it.each([
    [1, 0],
    [3, 0],
    [0.5, 1],
    [2, -1.5],
    [4, 0.7],
  ])('logits %d times too large with %d too much for the second are put right', (by, shift) => {
    const wrong = logits.map((logit, i) => by * logit + (i % 2) * by * shift);
    const { scale, bias } = calibrate(wrong, truth, 2);
    expect(Math.abs(scale * by - 1)).toBeLessThan(0.08);
    expect(Math.abs(bias + shift)).toBeLessThan(0.12);
  });

  it('the log loss is the least that a scale and a bias can reach', () => {
    const wrong = logits.map((logit, i) => 3 * logit + (i % 2));
    const best = calibrate(wrong, truth, 2);
    const loss = meanLogLoss(wrong, truth, 2, best);
    for (const [scale, bias] of [
      [1.1, 0],
      [0.9, 0],
      [1, 0.1],
      [1, -0.1],
    ] as const) {
      const other = { scale: best.scale * scale, bias: best.bias + bias };
      expect(loss).toBeLessThan(meanLogLoss(wrong, truth, 2, other));
    }
  });
});

describe('logits that', () => {
  /** For the first and the second class by turns. */
  const sure = Float32Array.from({ length: 200 }, (_, i) => (i % 4 === 0 || i % 4 === 3 ? 1 : 0));
  const right = Array.from({ length: 100 }, (_, row) => row % 2);
  const wrong = right.map((truth) => 1 - truth);
  it.each([
    ['are always right', sure, right, 2],
    ['are always wrong', sure, wrong, 2],
    ['say nothing', new Float32Array(200), right, 2],
    ['say nothing of three classes', new Float32Array(300), right, 3],
    ['see one class only', sure, right.map(() => 0), 2],
    ['are far too large', sure.map((logit) => 1e4 * logit), wrong, 2],
  ])('%s are made worse by no calibration', (_what, logits, truth, classes) => {
    const calibration = calibrate(logits, truth, classes);
    expect(calibration.scale).toBeGreaterThan(0);
    expect([calibration.scale, calibration.bias].every(Number.isFinite)).toBe(true);
    expect(meanLogLoss(logits, truth, classes, calibration)).toBeLessThanOrEqual(
      meanLogLoss(logits, truth, classes),
    );
  });
});

describe('a few rows without a mistake', () => {
  /** Of three classes, each told from the others by so much. */
  const logits = (rows: number, margin: number) =>
    Float32Array.from({ length: rows * 3 }, (_, i) =>
      Math.floor(i / 3) % 3 === i % 3 ? margin : 0,
    );
  const truth = (rows: number) => Array.from({ length: rows }, (_, row) => row % 3);

  it('do not make the classifier endlessly sure', () => {
    const { scale } = calibrate(logits(21, 4), truth(21), 3);
    expect(scale).toBeGreaterThan(1);
    expect(scale).toBeLessThan(2);
    expect(calibrate(logits(6000, 4), truth(6000), 3).scale).toBeGreaterThan(2);
  });
});

describe('the mean log loss', () => {
  it('is that of the softmax', () => {
    const rows = Float32Array.of(1, 2, 3, 0, 0, 0);
    const first = Math.exp(1) + Math.exp(2) + Math.exp(3);
    const expected = (-Math.log(Math.exp(2) / first) - Math.log(1 / 3)) / 2;
    expect(meanLogLoss(rows, [1, 0], 3)).toBeCloseTo(expected, 6);
    const other = Float32Array.of(0.5, 2, 1.5, 0, 1, 0);
    expect(meanLogLoss(rows, [1, 0], 3, { scale: 0.5, bias: 1 })).toBeCloseTo(
      meanLogLoss(other, [1, 0], 3),
      6,
    );
  });

  it('is finite however large the logits are', () => {
    expect(meanLogLoss(Float32Array.of(1e30, -1e30), [0], 2)).toBe(0);
    expect(meanLogLoss(Float32Array.of(300, -300), [1], 2)).toBeCloseTo(600, 3);
    expect(meanLogLoss(Float32Array.of(5000, -5000), [1], 2)).toBeGreaterThan(700);
  });
});
