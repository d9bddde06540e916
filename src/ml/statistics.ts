import { seededRandom } from './random.js';

/** So many values are kept to find a median among: with fewer it is exact. */
const SAMPLE = 1 << 17;
/** So many values are kept of all that are summed up side by side. */
const SAMPLES = 1 << 25;

/** How many values each of so many summaries keeps: what they hold together is bounded. */
export function sampleSize(summaries: number): number {
  return Math.min(SAMPLE, Math.floor(SAMPLES / summaries));
}

/**
 * What lies so many times as far from the middle as nine tenths of the values do is taken for a mistake: an
 * outlier of any ordinary heavy tail lies nearer.
 */
const FAR = 1000;
/** The shares between which the values' ordinary range lies; the next where it has no width. */
const TAILS = [0.05, 0.01, 0.001];

/** Of so many values, or of this share, more are no mistakes but what the number is like. */
const MOST_MISTAKES = 3;
const MISTAKEN_SHARE = 0.01;

/** Of a target: it is not bounded as an input is, so that less of an outlier spoils it. */
export const FAR_TARGET = 100;

/** How numbers are standardised. */
export interface Scale {
  mean: number;
  deviation: number;
  /** Least and largest ordinary value, where others lie far beyond: those are not counted. */
  range?: [number, number];
}

/** Sums up numbers that come one after the other, NaN excepted, in constant memory. */
export class Summary {
  count = 0;
  minimum = Number.POSITIVE_INFINITY;
  maximum = Number.NEGATIVE_INFINITY;
  mean = 0;
  private squares = 0;
  private sample = new Float64Array(64);
  private readonly random = seededRandom(1);

  /** @param capacity values that are kept */
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
   * Mean and deviation, which neither a few absurd values can spoil nor values whose squares are too large or too
   * small for a double.
   * @param far how many times as far from the middle as nine tenths of the values an absurd one lies
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

  /** The summary of what a rising function makes of the values that are kept. */
  mapped(of: (value: number) => number): Summary {
    const mapped = new Summary();
    for (const value of this.kept()) mapped.add(of(value));
    if (this.count > 0) {
      mapped.minimum = of(this.minimum);
      mapped.maximum = of(this.maximum);
    }
    return mapped;
  }

  /** The middle value; of more values than are kept, that of an even sample. */
  get median(): number {
    return this.quantile(0.5);
  }

  /** The share of values that are the middle one. */
  get sameShare(): number {
    const kept = this.kept();
    const { median } = this;
    return kept.filter((value) => value === median).length / kept.length;
  }

  /** The value that this share of all values lies below, interpolated. */
  quantile(share: number): number {
    return quantileOf(this.kept().sort(), share);
  }

  private kept(): Float64Array {
    return this.sample.slice(0, Math.min(this.count, this.capacity));
  }

  /** Reservoir sampling (Vitter's algorithm R, 1985): every value is as likely to be kept. */
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
 * Beyond these nothing ordinary lies; undefined where nearly all values are the same, or too many would be mistakes.
 * Where most are the same, as 0 is among amounts that are rarely paid, the others decide.
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
