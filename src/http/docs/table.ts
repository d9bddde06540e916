import type { Feature, Target } from '../../ml/spec.js';
import type { Version } from '../../registry/index.js';

/** Rows of the example dataset that the page defines, trains on and predicts. */
export interface ExampleTable {
  features: readonly Feature[];
  target: Target;
  /** Rows of the example dataset, enough to train on. */
  rows: readonly Record<string, unknown>[];
}

/** Ten more than a fit requires. */
const ROWS = 60;
/** Relative changes that make new rows of an example. */
const STEPS = [0, 0.01, -0.01, 0.02, -0.02, 0.03, -0.03];

/** Returns a version whose rows can be the rows of a dataset. */
export function tabular(versions: readonly Version[]): Version | undefined {
  return versions.find(({ spec, examples }) => {
    const isImage = spec.features.some(({ kind }) => kind === 'image');
    // Versions with a thresholded target keep only the class.
    return !isImage && spec.target.above === undefined && examples.length > 0;
  });
}

/** Returns rows like the held-out rows of a version; synthetic ones without a version. */
export function exampleTable(version: Version | undefined): ExampleTable {
  if (!version) return FLATS;
  const { features, target } = version.spec;
  const { examples } = version;
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const { instance, target: truth } = examples[i % examples.length]!;
    const step = STEPS[Math.floor(i / examples.length) % STEPS.length]!;
    const cells = features.map((feature) => [
      feature.name,
      moved(feature, instance[feature.name], step),
    ]);
    return {
      ...Object.fromEntries(cells),
      [target.name]: typeof truth === 'number' ? near(truth, step) : truth,
    };
  });
  return { features, target, rows };
}

function moved(feature: Feature, value: unknown, step: number): unknown {
  if (feature.kind !== 'number' || typeof value !== 'number') return value;
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = feature;
  return Math.min(maximum, Math.max(minimum, near(value, step)));
}

function near(value: number, step: number): number {
  return step === 0 ? value : Number((value * (1 + step)).toPrecision(4));
}

const FLATS: ExampleTable = {
  features: [
    { name: 'size', kind: 'number', unit: 'm2' },
    { name: 'district', kind: 'category', categories: ['centre', 'north', 'south'] },
  ],
  target: { name: 'rent', unit: 'EUR' },
  rows: Array.from({ length: ROWS }, (_, i) => {
    const size = 30 + ((i * 37) % 80);
    return { size, district: ['centre', 'north', 'south'][i % 3], rent: (18 - 4 * (i % 3)) * size };
  }),
};
