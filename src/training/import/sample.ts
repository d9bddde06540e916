import { takesNull } from '../../ml/encoding/features.js';
import type { FittedEncoding } from '../../ml/encoding/fitted.js';
import { seededRandom } from '../../ml/random.js';
import type { RowBlock } from '../../ml/rows.js';
import { type Feature, layoutOf, type Spec, slotsOf } from '../../ml/spec.js';

const SEED = 1;
const MISSING_SHARE = 0.05;
const DECADE = [Date.UTC(2020), Date.UTC(2030)] as const;

/** Source of {@link generateRows} on the card. */
export const GENERATED = `generated from the spec's ranges and categories, seed ${SEED}`;

/** Generates plausible rows, spread evenly over ranges and categories; always the same. */
export function generateRows(spec: Spec, encoding: FittedEncoding, count: number): RowBlock {
  const random = seededRandom(SEED);
  const { offsets, size } = layoutOf(spec);
  const values = new Float64Array(count * size);
  for (const feature of spec.features) {
    const draw = drawer(feature, encoding, random);
    const offset = offsets.get(feature.name)!;
    for (let row = 0; row < count; row++)
      for (let slot = 0; slot < slotsOf(feature); slot++)
        values[row * size + offset + slot] = draw();
  }
  return { count, values, targets: new Float64Array(count) };
}

function drawer(feature: Feature, encoding: FittedEncoding, random: () => number): () => number {
  switch (feature.kind) {
    case 'category': {
      const count = feature.categories.length + Number(feature.unknown ?? false);
      return () => Math.floor(random() * count);
    }
    case 'image':
      return () => Math.floor(random() * 256);
    case 'datetime':
      return within(usualRange(feature, encoding) ?? DECADE, takesNull(feature), random);
    case 'number': {
      const range = ownRange(encoding, feature.name) ?? usualRange(feature, encoding);
      const { minimum = 0, maximum = minimum + 1, missing } = feature;
      return within(range ?? [Math.min(minimum, maximum), maximum], missing !== undefined, random);
    }
  }
}

function within(
  [low, high]: readonly [number, number],
  maybeMissing: boolean,
  random: () => number,
): () => number {
  return () =>
    maybeMissing && random() < MISSING_SHARE ? Number.NaN : low + random() * (high - low);
}

function ownRange({ ranges }: FittedEncoding, name: string): readonly [number, number] | undefined {
  return Object.hasOwn(ranges, name) ? ranges[name] : undefined;
}

/** Returns three deviations around the mean, within the spec's limits, which may be far wider. */
function usualRange(feature: Feature, { steps }: FittedEncoding): [number, number] | undefined {
  for (const step of steps) {
    if (step.encode !== 'standard' && step.encode !== 'log') continue;
    const { mean, deviation } = step;
    const reach = [mean - 3 * deviation, mean + 3 * deviation] as const;
    if (step.encode === 'log' && isOnlyOf(feature, step.powers))
      return clamped(feature, [Math.exp(reach[0]), Math.exp(reach[1])]);
    // Without standardisation the mean is unknown.
    const isScaled = mean !== 0 || deviation !== 1;
    if (step.encode === 'standard' && step.feature === feature.name && isScaled)
      return clamped(feature, reach);
  }
  return undefined;
}

function isOnlyOf({ name }: Feature, powers: Readonly<Record<string, number>>): boolean {
  return powers[name] === 1 && Object.keys(powers).length === 1;
}

function clamped(
  feature: Feature,
  [low, high]: readonly [number, number],
): [number, number] | undefined {
  if (feature.kind !== 'number') return [low, high];
  const { minimum = low, maximum = high } = feature;
  const range: [number, number] = [Math.max(low, minimum), Math.min(high, maximum)];
  return range[0] <= range[1] ? range : undefined;
}
