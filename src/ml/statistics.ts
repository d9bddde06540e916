import { seededRandom } from './random.js';

/** Number of values to keep: the quantiles of fewer values are exact. */
const SAMPLE = 1 << 17;
/** Number of values to keep by all summaries together. */
const SAMPLES = 1 << 25;

/** Returns the sum of numbers. */
export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Returns the number of values that each of several summaries keeps, so that their memory is bounded. */
export function sampleSize(summaries: number): number {
  return Math.min(SAMPLE, Math.floor(SAMPLES / summaries));
}

/**
 * Distance from the middle, relative to that of nine tenths of the values, beyond which a value is taken for a mistake:
 * outliers of any ordinary heavy tail are nearer.
 */
const FAR = 1000;
/** Tails to cut off for the ordinary range; the next if the range has no width. */
const TAILS = [0.05, 0.01, 0.001];

/** Maximum number of mistakes, or share of the values; more are part of the distribution. */
const MOST_MISTAKES = 3;
const MISTAKEN_SHARE = 0.01;

/** {@link FAR} for targets, which smaller outliers spoil, since they are not clipped as inputs are. */
export const FAR_TARGET = 100;

/** The standardisation of numbers. */
interface Scale {
  mean: number;
  deviation: number;
  /** Smallest and largest ordinary value, if others are far beyond; those are ignored. */
  range?: [number, number];
}

/** Summarises numbers one by one, except NaN, in constant memory. */
export class Summary {
  count = 0;
  minimum = Number.POSITIVE_INFINITY;
  maximum = Number.NEGATIVE_INFINITY;
  mean = 0;
  private squares = 0;
  private sample = new Float64Array(64);
  private readonly random = seededRandom(1);

  /** @param capacity number of values to keep */
  constructor(private readonly capacity = SAMPLE) {}

  add(value: number): void {
    if (Number.isNaN(value)) return;
    this.count++;
    if (value < this.minimum) this.minimum = value;
    if (value > this.maximum) this.maximum = value;
    // Welford's update (1962): no large sums, so nothing cancels.
    const delta = value - this.mean;
    this.mean += delta / this.count;
    this.squares += delta * (value - this.mean);
    this.keep(value);
  }

  /** Returns the standard deviation. */
  get deviation(): number {
    return Math.sqrt(this.squares / this.count);
  }

  /**
   * Returns mean and deviation, robust against a few absurd values, and values whose squares exceed a double.
   * @param far distance of absurd values from the middle, relative to that of nine tenths of the values
   */
  scale(far = FAR): Scale {
    const { mean, deviation, minimum, maximum } = this;
    const values = this.kept().sort();
    const bounds = boundsOf(values, far);
    const ordinary = bounds && (minimum < bounds[0] || maximum > bounds[1]) ? bounds : undefined;
    const isSound = Number.isFinite(deviation) && (deviation > 0 || !(minimum < maximum));
    if (ordinary === undefined && isSound) return { mean, deviation };
    const [low, high] = ordinary ?? [minimum, maximum];
    const unit = Math.max(Math.abs(low), Math.abs(high));
    const inside = new Summary();
    for (const value of values) if (value >= low && value <= high) inside.add(value / unit);
    return {
      mean: inside.mean * unit,
      deviation: inside.deviation * unit,
      ...(ordinary && { range: [inside.minimum * unit, inside.maximum * unit] }),
    };
  }

  /** Returns the summary of a rising function of the values that are kept. */
  mapped(of: (value: number) => number): Summary {
    const mapped = new Summary();
    for (const value of this.kept()) mapped.add(of(value));
    if (this.count > 0) {
      mapped.minimum = of(this.minimum);
      mapped.maximum = of(this.maximum);
    }
    return mapped;
  }

  /** Returns the median; of more values than are kept, that of a random sample. */
  get median(): number {
    return this.quantile(0.5);
  }

  /** Returns the share of values that equal the median. */
  get sameShare(): number {
    const kept = this.kept();
    const { median } = this;
    return kept.filter((value) => value === median).length / kept.length;
  }

  /** Returns a quantile, interpolated. */
  quantile(share: number): number {
    return quantileOf(this.kept().sort(), share);
  }

  private kept(): Float64Array {
    return this.sample.slice(0, Math.min(this.count, this.capacity));
  }

  /** Keeps a value by reservoir sampling (Vitter's algorithm R, 1985): all values are equally likely to be kept. */
  private keep(value: number): void {
    const { count, capacity } = this;
    const place = count <= capacity ? count - 1 : Math.floor(this.random() * count);
    if (place >= capacity) return;
    if (place >= this.sample.length) {
      const larger = new Float64Array(this.sample.length * 2);
      larger.set(this.sample);
      this.sample = larger;
    }
    this.sample[place] = value;
  }
}

/** Returns a quantile, interpolated. @param sorted ascending, not empty */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}

/**
 * Returns the bounds of ordinary values; undefined if nearly all values are equal, or too many would be mistakes. If
 * most are equal, as amounts that are usually 0, the others decide.
 */
function boundsOf(sorted: Float64Array, far: number): [number, number] | undefined {
  const commonest = quantileOf(sorted, 0.5);
  const others = sorted.filter((value) => value !== commonest);
  const varied = others.length < sorted.length / 2 ? others : sorted;
  const width = TAILS.map(
    (tail) => quantileOf(varied, 1 - tail) / 2 - quantileOf(varied, tail) / 2,
  ).find((half) => half > 0);
  if (width === undefined) return undefined;
  const middle = quantileOf(varied, 0.5);
  const [low, high] = [
    Math.min(commonest, middle - far * width),
    Math.max(commonest, middle + far * width),
  ];
  const beyond = sorted.filter((value) => value < low || value > high).length;
  return beyond > Math.max(MOST_MISTAKES, MISTAKEN_SHARE * sorted.length) ? undefined : [low, high];
}
