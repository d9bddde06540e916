/** What makes probabilities of logits: `softmax(scale * logits + bias)`, the bias being the second class's. */
export interface Calibration {
  scale: number;
  /** 0 unless there are two classes. */
  bias: number;
}

const STEPS = 100;
const TOLERANCE = 1e-9;
/** Keeps the equations solvable where validation rows cannot tell. */
const RIDGE = 1e-6;

/**
 * Fits logits to the truth: by a scale (temperature scaling: Guo et al., "On Calibration of Modern Neural
 * Networks", 2017) and, of two classes, a bias too (Platt, 1999), with Newton's method.
 * @param logits `[rows * classes]` @param truth the index of the true class of each row
 */
export function calibrate(
  logits: Float32Array,
  truth: ArrayLike<number>,
  classes: number,
): Calibration {
  let calibration: Calibration = { scale: 1, bias: 0 };
  let loss = meanLogLoss(logits, truth, classes, calibration);
  for (let step = 0; step < STEPS; step++) {
    const direction = newtonStep(logits, truth, classes, calibration);
    let [length, next, reached] = [1, calibration, loss];
    do {
      next = {
        scale: Math.max(1e-3, calibration.scale - length * direction.scale),
        bias: calibration.bias - length * direction.bias,
      };
      reached = meanLogLoss(logits, truth, classes, next);
      length /= 2;
    } while (reached > loss && length > TOLERANCE);
    if (!(loss - reached > TOLERANCE)) break;
    [calibration, loss] = [next, reached];
  }
  return calibration;
}

/** The gradient of the loss by scale and bias, times the inverse of its second derivatives. */
function newtonStep(
  logits: Float32Array,
  truth: ArrayLike<number>,
  classes: number,
  calibration: Calibration,
): Calibration {
  const probabilities = new Float64Array(classes);
  let [gradientScale, gradientBias] = [0, 0];
  let [ss, sb, bb] = [RIDGE, 0, RIDGE];
  for (let row = 0; row < truth.length; row++) {
    const own = logits.subarray(row * classes, (row + 1) * classes);
    softmax(own, calibration, probabilities);
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
  if (classes !== 2) return { scale: gradientScale / ss, bias: 0 };
  const determinant = ss * bb - sb ** 2;
  return {
    scale: (bb * gradientScale - sb * gradientBias) / determinant,
    bias: (ss * gradientBias - sb * gradientScale) / determinant,
  };
}

/** Mean of -ln of the probability of the true class. */
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
