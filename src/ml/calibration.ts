/** Temperatures are looked for between e to the minus and e to this power. */
const WIDEST = 2;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const STEPS = 40;

/**
 * The temperature by which to divide logits so that their probabilities fit the truth best (Guo et al.,
 * "On Calibration of Modern Neural Networks", 2017), found by a golden-section search.
 * @param logits `[rows * classes]` @param truth the index of the true class of each row
 */
export function fitTemperature(
  logits: Float32Array,
  truth: ArrayLike<number>,
  classes: number,
): number {
  const cost = (power: number) => meanLogLoss(logits, truth, classes, Math.exp(power));
  let low = -WIDEST;
  let high = WIDEST;
  for (let step = 0; step < STEPS; step++) {
    const width = GOLDEN * (high - low);
    if (cost(high - width) < cost(low + width)) high = low + width;
    else low = high - width;
  }
  return Math.exp((low + high) / 2);
}

/** Mean of -ln of the probability of the true class; probabilities are the softmax of logits / temperature. */
export function meanLogLoss(
  logits: Float32Array,
  truth: ArrayLike<number>,
  classes: number,
  temperature = 1,
): number {
  let sum = 0;
  for (let row = 0; row < truth.length; row++) {
    const at = row * classes;
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[at + c]!);
    let total = 0;
    for (let c = 0; c < classes; c++) total += Math.exp((logits[at + c]! - largest) / temperature);
    sum += Math.log(total) - (logits[at + truth[row]!]! - largest) / temperature;
  }
  return sum / truth.length;
}
