import { seededRandom } from '../src/ml/random.js';

/** Returns the median of measurements. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Returns the value that a share of the values, from 0 to 1, does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** Rounds to a number of decimals, for readers. */
export function round(value: number, decimals = 2): number {
  return Number(value.toFixed(decimals));
}

/**
 * Compares two measurements in alternating rounds, so that a slower machine affects both.
 * @param rounds number of rounds, after one to warm up
 * @returns the medians of the first, the second, and their ratio by round
 */
export async function compare(
  rounds: number,
  first: () => number | Promise<number>,
  second: () => number | Promise<number>,
) {
  await first();
  await second();
  const a: number[] = [];
  const b: number[] = [];
  for (let i = 0; i < rounds; i++) {
    a.push(await first());
    b.push(await second());
  }
  const ratios = a.map((value, i) => value / b[i]!);
  return { first: median(a), second: median(b), ratio: round(median(ratios)) };
}

const RESAMPLES = 10_000;

/**
 * Returns the 95% interval of a median by the percentile bootstrap (Efron 1979): from medians of samples that are drawn
 * with replacement, equal in each run.
 */
export function bootstrapMedian(values: readonly number[]): readonly [number, number] {
  const random = seededRandom(1);
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)]!)),
  );
  return [percentile(medians, 0.025), percentile(medians, 0.975)];
}
