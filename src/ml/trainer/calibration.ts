/** Converts logits to probabilities: `softmax(scale * logits + bias)`, where the bias is that of the second class. */
export interface Calibration {
  scale: number;
  /** 0 unless there are two classes. */
  bias: number;
}

const STEPS = 100;
const TOLERANCE = 1e-9;
/**
 * Deviations of a normal prior on ln(scale) and bias. Without it, a few dozen validation rows without a mistake would
 * give an infinite scale, and the first mistake an infinite loss; with thousands of rows the prior has no effect.
 */
const PRIOR = { scale: 0.5, bias: 0.5 };

/**
 * Fits logits to the truth by a scale (temperature scaling: Guo et al., "On Calibration of Modern Neural Networks",
 * 2017), and for two classes a bias (Platt, 1999), with a prior around no change, by the Gauss-Newton method on the
 * logarithm of the scale.
 * @param logits `[rows * classes]` @param truth the index of the true class of each row
 */
export function calibrate(
  logits: Float32Array,
  truth: ArrayLike<number>,
  classes: number,
): Calibration {
  const costOf = (calibration: Calibration) =>
    meanLogLoss(logits, truth, classes, calibration) + penalty(calibration) / truth.length;
  let calibration: Calibration = { scale: 1, bias: 0 };
  let cost = costOf(calibration);
  for (let step = 0; step < STEPS; step++) {
    const direction = newtonStep(logits, truth, classes, calibration);
    let [length, next, reached] = [1, calibration, cost];
    do {
      next = {
        scale: calibration.scale * Math.exp(-length * direction.scale),
        bias: calibration.bias - length * direction.bias,
      };
      reached = costOf(next);
      length /= 2;
    } while (!(reached <= cost) && length > TOLERANCE);
    if (!(cost - reached > TOLERANCE)) break;
    [calibration, cost] = [next, reached];
  }
  return calibration;
}

/** Returns minus the logarithm of the prior. */
function penalty({ scale, bias }: Calibration): number {
  return ((Math.log(scale) / PRIOR.scale) ** 2 + (bias / PRIOR.bias) ** 2) / 2;
}

/** Returns the gradient of the cost by ln(scale) and bias, times the inverse of its second derivatives. */
function newtonStep(
  logits: Float32Array,
  truth: ArrayLike<number>,
  classes: number,
  { scale, bias }: Calibration,
): Calibration {
  const probabilities = new Float64Array(classes);
  let [gradientScale, gradientBias] = [0, 0];
  let [ss, sb, bb] = [0, 0, 0];
  for (let row = 0; row < truth.length; row++) {
    const own = logits.subarray(row * classes, (row + 1) * classes);
    softmax(own, { scale, bias }, probabilities);
    let [mean, square] = [0, 0];
    for (let c = 0; c < classes; c++) {
      mean += probabilities[c]! * own[c]!;
      square += probabilities[c]! * own[c]! ** 2;
    }
    const second = probabilities[1]!;
    gradientScale += mean - own[truth[row]!]!;
    gradientBias += second - Number(truth[row] === 1);
    ss += square - mean ** 2;
    sb += second * (own[1]! - mean);
    bb += second * (1 - second);
  }
  gradientScale = scale * gradientScale + Math.log(scale) / PRIOR.scale ** 2;
  ss = scale ** 2 * ss + 1 / PRIOR.scale ** 2;
  if (classes !== 2) return { scale: gradientScale / ss, bias: 0 };
  gradientBias += bias / PRIOR.bias ** 2;
  bb += 1 / PRIOR.bias ** 2;
  sb *= scale;
  const determinant = ss * bb - sb ** 2;
  return {
    scale: (bb * gradientScale - sb * gradientBias) / determinant,
    bias: (ss * gradientBias - sb * gradientScale) / determinant,
  };
}

/** Computes the mean of -ln of the probability of the true class. */
export function meanLogLoss(
  logits: Float32Array,
  truth: ArrayLike<number>,
  classes: number,
  calibration: Calibration = { scale: 1, bias: 0 },
): number {
  const probabilities = new Float64Array(classes);
  let sum = 0;
  for (let row = 0; row < truth.length; row++) {
    softmax(logits.subarray(row * classes, (row + 1) * classes), calibration, probabilities);
    sum -= Math.log(Math.max(Number.MIN_VALUE, probabilities[truth[row]!]!));
  }
  return sum / truth.length;
}

function softmax(logits: Float32Array, { scale, bias }: Calibration, out: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < out.length; c++) {
    out[c] = scale * logits[c]! + (c === 1 ? bias : 0);
    largest = Math.max(largest, out[c]!);
  }
  let total = 0;
  for (let c = 0; c < out.length; c++) {
    out[c] = Math.exp(out[c]! - largest);
    total += out[c]!;
  }
  for (let c = 0; c < out.length; c++) out[c]! /= total;
}
