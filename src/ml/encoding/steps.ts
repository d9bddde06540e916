import { type CategoryFeature, type Feature, layoutOf, type Spec, slotsOf } from '../spec.js';
import type { FittedNumber, FittedStep } from './fitted.js';

/** Encodes the feature values of an instance to a step's inputs in `out`, starting at `at`. */
type StepEncoder = (values: Float64Array, out: Float32Array, at: number) => void;

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PERIOD_MS = { day: DAY_MS, week: 7 * DAY_MS, year: 365.2425 * DAY_MS } as const;

/** Returns the number of inputs of a step. */
export function stepWidth(step: FittedStep, spec: Spec): number {
  switch (step.encode) {
    case 'piecewise':
      return step.knots.length - 1;
    case 'oneHot':
      return categoryOf(spec, step.feature).categories.length;
    case 'cyclic':
      return 2 * (step.harmonics ?? 1);
    case 'tiles':
      return TILINGS * Math.max(1, step.by.length);
    case 'pixels':
      return slotsOf(featureOf(spec, step.feature));
    default:
      return 1;
  }
}

function featureOf(spec: Spec, name: string): Feature {
  return spec.features.find((feature) => feature.name === name)!;
}

/** Returns the category feature of that name. */
export function categoryOf(spec: Spec, name: string): CategoryFeature {
  return featureOf(spec, name) as CategoryFeature;
}

/** Creates the encoder of a fitted step. */
export function stepEncoder(
  step: FittedStep,
  spec: Spec,
  offsets: ReadonlyMap<string, number> = layoutOf(spec).offsets,
): StepEncoder {
  const placeOf = (name: string) => offsets.get(name)!;
  switch (step.encode) {
    case 'standard':
      return standard(placeOf(step.feature), step);
    case 'log':
      return log(Object.keys(step.powers).map(placeOf), Object.values(step.powers), step);
    case 'piecewise':
      return piecewise(placeOf(step.feature), step.knots, step.fill);
    case 'oneHot':
      return oneHot(placeOf(step.feature), stepWidth(step, spec));
    case 'embedding': {
      const index = placeOf(step.feature);
      return (values, out, at) => {
        out[at] = values[index]!;
      };
    }
    case 'cyclic':
      return cyclic(placeOf(step.feature), PERIOD_MS[step.period], step.harmonics ?? 1);
    case 'tiles':
      return tiles(step, spec, offsets);
    case 'missing':
      return missing(placeOf(step.feature), featureOf(spec, step.feature));
    case 'pixels':
      return pixels(placeOf(step.feature), stepWidth(step, spec));
  }
}

/** Computes the ln of a product of powers: the sum of exponent times ln(value). NaN unless all values are above 0. */
export function logOfProduct(exponents: readonly number[], value: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < exponents.length; i++) {
    const v = value(i);
    if (!(v > 0)) return Number.NaN;
    sum += exponents[i]! * Math.log(v);
  }
  return sum;
}

function standardise(value: number, { mean, deviation, clip, fill }: FittedNumber): number {
  const known = Number.isNaN(value) ? fill : value;
  return Math.max(-clip, Math.min(clip, (known - mean) / deviation));
}

function standard(index: number, fitted: FittedNumber): StepEncoder {
  return (values, out, at) => {
    out[at] = standardise(values[index]!, fitted);
  };
}

function log(
  indices: readonly number[],
  exponents: readonly number[],
  fitted: FittedNumber,
): StepEncoder {
  return (values, out, at) => {
    const product = logOfProduct(exponents, (i) => values[indices[i]!]!);
    out[at] = standardise(product, fitted);
  };
}

/**
 * Encodes piecewise linearly (Gorishniy et al., "On Embeddings for Numerical Features", 2022): for each interval between
 * two knots, the share of it below the value.
 */
function piecewise(index: number, knots: readonly number[], fill: number): StepEncoder {
  return (values, out, at) => {
    const value = values[index]!;
    const known = Number.isNaN(value) ? fill : value;
    for (let k = 0; k + 1 < knots.length; k++) {
      const share = (known - knots[k]!) / (knots[k + 1]! - knots[k]!);
      out[at + k] = Math.max(0, Math.min(1, share));
    }
  };
}

/** Encodes one-hot; an unknown category has only zeros. */
function oneHot(index: number, size: number): StepEncoder {
  return (values, out, at) => {
    out.fill(0, at, at + size);
    const category = values[index]!;
    if (category < size) out[at + category] = 1;
  };
}

/** Encodes the sine and cosine of each harmonic; 0 if the moment is missing. */
function cyclic(index: number, period: number, harmonics: number): StepEncoder {
  return (values, out, at) => {
    const value = values[index]!;
    const angle = (2 * Math.PI * (value % period)) / period;
    for (let harmonic = 1; harmonic <= harmonics; harmonic++) {
      out[at + 2 * harmonic - 2] = Number.isNaN(value) ? 0 : Math.sin(harmonic * angle);
      out[at + 2 * harmonic - 1] = Number.isNaN(value) ? 0 : Math.cos(harmonic * angle);
    }
  };
}

/** Encodes 1 if the value is missing or unknown, else 0. */
function missing(index: number, feature: Feature): StepEncoder {
  const unknown = feature.kind === 'category' ? feature.categories.length : Number.NaN;
  return (values, out, at) => {
    out[at] = Object.is(values[index], unknown) ? 1 : 0;
  };
}

/** Encodes brightness from 0 to 1. */
function pixels(index: number, size: number): StepEncoder {
  return (values, out, at) => {
    for (let i = 0; i < size; i++) out[at + i] = values[index + i]! / 255;
  };
}

/** Two tilings, half a tile apart, which together are finer than one (Sutton and Barto, 9.5.4). */
const TILINGS = 2;

/** Counts the rows of a table of tiles: those of each category, for each tiling, and one for no tile. */
export function tileRows(step: Extract<FittedStep, { encode: 'tiles' }>, spec: Spec): number {
  return TILINGS * (step.count + 1) * tiledCategories(step, spec) + 1;
}

/** Returns the largest number of categories, including the unknown one, since they share a table. */
function tiledCategories({ by }: Extract<FittedStep, { encode: 'tiles' }>, spec: Spec): number {
  return Math.max(1, ...by.map((name) => categoryOf(spec, name).categories.length + 1));
}

/** Encodes the numbers of the tiles at a moment, for each category. */
function tiles(
  step: Extract<FittedStep, { encode: 'tiles' }>,
  spec: Spec,
  offsets: ReadonlyMap<string, number>,
): StepEncoder {
  const moment = offsets.get(step.along)!;
  const places = step.by.length === 0 ? [-1] : step.by.map((name) => offsets.get(name)!);
  const length = step.hours * HOUR_MS;
  const count = step.count + 1;
  const categories = tiledCategories(step, spec);
  const none = tileRows(step, spec) - 1;
  return (values, out, at) => {
    for (let tiling = 0; tiling < TILINGS; tiling++) {
      const tile = Math.floor((values[moment]! - step.start) / length + tiling / TILINGS);
      for (let i = 0; i < places.length; i++) {
        const category = places[i] === -1 ? 0 : values[places[i]!]!;
        const row = (tiling * categories + category) * count + tile;
        out[at + tiling * places.length + i] = tile >= 0 && tile < count ? row : none;
      }
    }
  };
}
