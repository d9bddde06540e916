import { seededRandom } from './random.js';

/** So many values are kept to find a median among: with fewer it is exact. */
const SAMPLE = 1 << 17;

/** Sums up numbers that come one after the other, NaN excepted, in constant memory. */
export class Summary {
  count = 0;
  minimum = Number.POSITIVE_INFINITY;
  maximum = Number.NEGATIVE_INFINITY;
  mean = 0;
  private squares = 0;
  private sample = new Float64Array(1024);
  private readonly random = seededRandom(1);

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

  /** The middle value; of more values than are kept, that of an even sample. */
  get median(): number {
    return this.quantile(0.5);
  }

  /** The value that this share of all values lies below, interpolated. */
  quantile(share: number): number {
    const sorted = this.sample.slice(0, Math.min(this.count, SAMPLE)).sort();
    const at = share * (sorted.length - 1);
    const below = sorted[Math.floor(at)]!;
    return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
  }

  /** Reservoir sampling (Vitter's algorithm R, 1985): every value is as likely to be kept. */
  private keep(value: number): void {
    const place = this.count <= SAMPLE ? this.count - 1 : Math.floor(this.random() * this.count);
    if (place >= SAMPLE) return;
    if (place >= this.sample.length) {
      const larger = new Float64Array(this.sample.length * 2);
      larger.set(this.sample);
      this.sample = larger;
    }
    this.sample[place] = value;
  }
}
