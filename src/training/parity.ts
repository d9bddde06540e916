import { LapidaryError } from '../core/errors.js';
import type { FittedEncoding } from '../ml/encoding/fitted.js';
import type { Spec } from '../ml/spec.js';
import { decodeTarget } from '../ml/target.js';

/** Rows that plan and TensorFlow.js are compared on. */
export const PARITY_ROWS = 1000;
const PARITY_TOLERANCE = 1e-5;
/** Of a probability below this no more digits matter. */
const LEAST_PROBABILITY = 1e-6;
/**
 * Nor of a number below this share of what is usual. Both add up numbers of the usual size in 32 bits, which
 * are good for 6e-8 of it each: what comes out near zero by chance has no five digits of its own.
 */
const LEAST_SHARE = 0.1;

/**
 * Proves that two networks answer alike.
 * @param expected outputs of TensorFlow.js @param actual outputs of the plan for the same rows
 * @returns the largest relative difference between their answers
 * @throws LapidaryError `parity_failed`
 */
export function checkParity(
  { spec, encoding }: { spec: Spec; encoding: FittedEncoding },
  expected: Float32Array,
  actual: Float32Array,
): number {
  const isRegression = spec.task === 'regression';
  const decode = (output: number) => (isRegression ? decodeTarget(spec, encoding, output) : output);
  const [wanted, found] = [expected, actual].map((outputs) => Array.from(outputs, decode));
  const least = isRegression ? LEAST_SHARE * scaleOf(wanted!) : LEAST_PROBABILITY;
  const worst = found!.reduce((most, value, i) => {
    const difference = Math.abs(value - wanted![i]!) / Math.max(least, Math.abs(wanted![i]!));
    return Math.max(most, difference);
  }, 0);
  if (!(worst <= PARITY_TOLERANCE)) {
    const detail = `the largest relative difference over ${expected.length} outputs is ${worst}`;
    throw new LapidaryError('parity_failed', `${detail}; at most ${PARITY_TOLERANCE} is allowed`);
  }
  return worst;
}

/** Root of the mean square. */
function scaleOf(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
}
