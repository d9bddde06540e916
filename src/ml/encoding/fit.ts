import { LapidaryError } from '../../core/errors.js';
import { type RowBlock, valuesAt } from '../rows.js';
import { type EncodingStep, layoutOf, type Spec } from '../spec.js';
import { FAR_TARGET, Summary, sampleSize } from '../statistics.js';
import { transformTarget } from '../target.js';
import type { FittedEncoding, FittedNumber, FittedStep, FittedTiles } from './fitted.js';
import { HOUR_MS, logOfProduct } from './steps.js';

const DEFAULT_CLIP = 5;

/** A number of each row with its summary, which steps are fitted to. */
interface Observed {
  what: string;
  summary: Summary;
  read(values: Float64Array): number;
}

/** Fits a spec's encoding to training rows, and to no others, since it affects every prediction. */
export class EncodingFitter {
  /** Summary of the transformed targets. */
  readonly target = new Summary();
  private readonly steps: readonly (Observed | undefined)[];
  private readonly features: readonly Observed[];
  /** The numbers that either of them observe, each once. */
  private readonly observed: readonly Observed[];

  constructor(private readonly spec: Spec) {
    const { offsets } = layoutOf(spec);
    const capacity = sampleSize(spec.features.length);
    this.features = spec.features
      .filter(({ kind }) => kind === 'number' || kind === 'datetime')
      .map(({ name }) => observeFeature(name, offsets, capacity));
    const byName = new Map(this.features.map((observed) => [observed.what, observed]));
    this.steps = spec.encoding.map((step) => observe(step, byName, offsets, capacity));
    this.observed = [...new Set([...this.features, ...this.steps])].filter(
      (observed) => observed !== undefined,
    );
  }

  add(block: RowBlock): void {
    const { observed } = this;
    for (let row = 0; row < block.count; row++) {
      const values = valuesAt(block, row);
      for (const { summary, read } of observed) summary.add(read(values));
      this.target.add(transformTarget(this.spec, block.targets[row]!));
    }
  }

  /** Returns the fitted encoding. @throws LapidaryError `invalid_dataset` if a feature has no usable value */
  fit(): FittedEncoding {
    return {
      steps: this.spec.encoding.map((step, i) => fitStep(step, this.steps[i])),
      ranges: Object.fromEntries(
        this.features.map(({ what, summary }) => [what, [summary.minimum, summary.maximum]]),
      ),
      target: this.spec.task === 'regression' ? fitTarget(this.target) : { mean: 0, deviation: 1 },
    };
  }
}

function observe(
  step: EncodingStep,
  features: ReadonlyMap<string, Observed>,
  offsets: ReadonlyMap<string, number>,
  capacity: number,
): Observed | undefined {
  switch (step.encode) {
    case 'standard':
    case 'piecewise':
      return features.get(step.feature);
    case 'tiles':
      return features.get(step.along);
    case 'log': {
      const names = Object.keys(step.powers);
      const places = names.map((name) => offsets.get(name)!);
      const exponents = Object.values(step.powers);
      return {
        what: names.join(', '),
        summary: new Summary(capacity),
        read: (values) => logOfProduct(exponents, (i) => values[places[i]!]!),
      };
    }
    default:
      return undefined;
  }
}

function observeFeature(
  name: string,
  offsets: ReadonlyMap<string, number>,
  capacity: number,
): Observed {
  const at = offsets.get(name)!;
  return { what: name, summary: new Summary(capacity), read: (values) => values[at]! };
}

function fitStep(step: EncodingStep, observed: Observed | undefined): FittedStep {
  if (observed?.summary.count === 0)
    throw new LapidaryError('invalid_dataset', `${observed.what}: no row has a usable value`);
  switch (step.encode) {
    case 'standard':
    case 'log':
      return { ...step, ...fitNumber(observed!.summary, step.clip) };
    case 'piecewise':
      return { ...step, fill: observed!.summary.median };
    case 'tiles':
      return { ...step, ...fitTiles(observed!.summary, step.hours) };
    default:
      return step;
  }
}

function fitTiles({ minimum, maximum }: Summary, hours: number): FittedTiles {
  const length = hours * HOUR_MS;
  const start = Math.floor(minimum / length) * length;
  return { start, count: Math.floor((maximum - start) / length) + 1 };
}

/** Fits a number; the deviation of a constant counts as 1, so that it is encoded as 0. */
function fitNumber(summary: Summary, clip = DEFAULT_CLIP): FittedNumber {
  const { mean, deviation } = summary.scale();
  return { mean, deviation: deviation || 1, clip, fill: summary.median };
}

function fitTarget(summary: Summary): FittedEncoding['target'] {
  const { deviation, ...scale } = summary.scale(FAR_TARGET);
  return { ...scale, deviation: deviation || 1 };
}
