import { seededRandom } from '../src/ml/random.js';

/** The middle of some measurements. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value that so large a share of them, from 0 to 1, does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** Formats a number with a number of decimals. */
export function round(value: number, decimals = 2): number {
  return Number(value.toFixed(decimals));
}

export interface Comparison {
  /** Median of the first, of the second, and of the first over the second round by round. */
  first: number;
  second: number;
  ratio: number;
}

/**
 * Measures two things in turn, so that a machine that slows down slows both.
 * @param rounds counted, after one that is not
 */
export async function compare(
  rounds: number,
  first: () => number | Promise<number>,
  second: () => number | Promise<number>,
): Promise<Comparison> {
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
 * The 95% interval of a median by the percentile bootstrap (Efron 1979): medians of samples drawn from the values with
 * replacement. The draws are the same each time.
 */
export function bootstrapMedian(values: readonly number[]): readonly [number, number] {
  const random = seededRandom(1);
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)]!)),
  );
  return [percentile(medians, 0.025), percentile(medians, 0.975)];
}
