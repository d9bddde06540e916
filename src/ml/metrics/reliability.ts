const BINS = 10;
/** Number of deviations that contain 95% of a normal distribution. */
const Z = 1.959964;

/** Rows with a similar predicted probability. */
export interface ReliabilityBin {
  /** The bin's bounds. */
  from: number;
  to: number;
  rows: number;
  /** Mean of the predicted probabilities; NaN without rows. */
  predicted: number;
  /** Observed share of the class; NaN without rows. */
  observed: number;
  /** The 95% confidence interval of that share (Wilson, 1927). */
  interval: readonly [number, number];
}

/** Counts how often an event happens, by its predicted probability. */
export class Reliability {
  private readonly rows: Float64Array;
  private readonly probabilities: Float64Array;
  private readonly happened: Float64Array;

  /** @param count of bins, equally wide from 0 to 1 */
  constructor(private readonly count = BINS) {
    this.rows = new Float64Array(count);
    this.probabilities = new Float64Array(count);
    this.happened = new Float64Array(count);
  }

  add(probability: number, happened: boolean): void {
    const bin = Math.max(0, Math.min(this.count - 1, Math.floor(probability * this.count)));
    this.rows[bin]!++;
    this.probabilities[bin]! += probability;
    this.happened[bin]! += Number(happened);
  }

  bins(): ReliabilityBin[] {
    return Array.from(this.rows, (rows, bin) => ({
      from: bin / this.count,
      to: (bin + 1) / this.count,
      rows,
      predicted: this.probabilities[bin]! / rows,
      observed: this.happened[bin]! / rows,
      interval: wilson(this.happened[bin]!, rows),
    }));
  }
}

function wilson(happened: number, rows: number): [number, number] {
  const share = happened / rows;
  const scale = 1 + Z ** 2 / rows;
  const middle = (share + Z ** 2 / (2 * rows)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / rows + (Z / (2 * rows)) ** 2);
  return [middle - half, middle + half];
}
