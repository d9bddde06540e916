import { seededRandom } from './random.js';

/** Values to keep for a median; with fewer it is exact. */
const SAMPLE = 1 << 17;
/** Values to keep over all concurrent summaries. */
const SAMPLES = 1 << 25;

/** Returns the values that each of a number of summaries keeps, so that their total is bounded. */
export function sampleSize(summaries: number): number {
  return Math.min(SAMPLE, Math.floor(SAMPLES / summaries));
}

/**
 * A value this many times as far from the median as 90% of the values counts as a mistake: outliers of ordinary heavy
 * tails are nearer.
 */
const FAR = 1000;
/** Quantiles of the ordinary range; the next pair if the range is empty. */
const TAILS = [0.05, 0.01, 0.001];

/** Maximum number, or share, of mistakes; more of them are ordinary values. */
const MOST_MISTAKES = 3;
const MISTAKEN_SHARE = 0.01;

/** For targets, which are not clipped like inputs, so smaller outliers matter. */
export const FAR_TARGET = 100;

/** Mean and deviation for standardising. */
export interface Scale {
  mean: number;
  deviation: number;
  /** Smallest and largest ordinary value, if others are far outside and not counted. */
  range?: [number, number];
}

/** Summarises a stream of numbers in constant memory, ignoring NaN. */
export class Summary {
  count = 0;
  minimum = Number.POSITIVE_INFINITY;
  maximum = Number.NEGATIVE_INFINITY;
  mean = 0;
  private squares = 0;
  private sample = new Float64Array(64);
  private readonly random = seededRandom(1);

  /** @param capacity values to keep */
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

  /** Standard deviation. */
  get deviation(): number {
    return Math.sqrt(this.squares / this.count);
  }

  /**
   * Returns mean and deviation, robust against a few extreme values and against squares beyond the range of a double.
   * @param far how many times as far from the median as 90% of the values a mistake is
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

  /** Returns the summary of the kept values after a rising function. */
  mapped(of: (value: number) => number): Summary {
    const mapped = new Summary();
    for (const value of this.kept()) mapped.add(of(value));
    if (this.count > 0) {
      mapped.minimum = of(this.minimum);
      mapped.maximum = of(this.maximum);
    }
    return mapped;
  }

  /** Returns the median; beyond the capacity, that of a uniform sample. */
  get median(): number {
    return this.quantile(0.5);
  }

  /** Returns the share of values equal to the median. */
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

  /** Reservoir sampling (Vitter's algorithm R, 1985): every value has the same probability to be kept. */
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

function quantileOf(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}

/**
 * Returns the ordinary range; undefined if nearly all values are equal, or if too many would be mistakes. If most are
 * equal, such as 0 among rare payments, the others decide.
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
