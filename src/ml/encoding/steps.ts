import type { CategoryFeature, Spec } from '../spec.js';
import type { FittedNumber, FittedStep } from './fitted.js';

/** Writes one step's inputs, from the feature values of an instance, to `out` from `at` on. */
export type StepEncoder = (values: Float64Array, out: Float32Array, at: number) => void;

const DAY_MS = 86_400_000;
const PERIOD_MS = { day: DAY_MS, week: 7 * DAY_MS, year: 365.2425 * DAY_MS } as const;

/** How many inputs a step makes. */
export function stepWidth(step: FittedStep, spec: Spec): number {
  switch (step.encode) {
    case 'piecewise':
      return step.knots.length - 1;
    case 'oneHot':
      return categoriesOf(spec, step.feature).length;
    case 'cyclic':
      return 2;
    default:
      return 1;
  }
}

/** The categories of a feature that the spec declares as one. */
export function categoriesOf(spec: Spec, name: string): readonly string[] {
  return (spec.features.find((feature) => feature.name === name) as CategoryFeature).categories;
}

/** Turns a fitted step into the function that encodes it. */
export function stepEncoder(step: FittedStep, spec: Spec): StepEncoder {
  const indexOf = (name: string) => spec.features.findIndex((feature) => feature.name === name);
  switch (step.encode) {
    case 'standard':
      return standard(indexOf(step.feature), step);
    case 'log':
      return log(Object.keys(step.powers).map(indexOf), Object.values(step.powers), step);
    case 'piecewise':
      return piecewise(indexOf(step.feature), step.knots, step.fill);
    case 'oneHot':
      return oneHot(indexOf(step.feature), categoriesOf(spec, step.feature).length);
    case 'embedding':
      return identity(indexOf(step.feature));
    case 'cyclic':
      return cyclic(indexOf(step.feature), PERIOD_MS[step.period]);
  }
}

/** ln of a product of powers: the sum of exponent times ln(value). NaN unless every value is above 0. */
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
    out[at] = standardise(
      logOfProduct(exponents, (i) => values[indices[i]!]!),
      fitted,
    );
  };
}

/**
 * Piecewise-linear encoding (Gorishniy et al., "On Embeddings for Numerical Features", 2022): of each
 * interval between two knots the share that lies below the value.
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

function oneHot(index: number, size: number): StepEncoder {
  return (values, out, at) => {
    out.fill(0, at, at + size);
    out[at + values[index]!] = 1;
  };
}

function identity(index: number): StepEncoder {
  return (values, out, at) => {
    out[at] = values[index]!;
  };
}

function cyclic(index: number, period: number): StepEncoder {
  return (values, out, at) => {
    const angle = (2 * Math.PI * (values[index]! % period)) / period;
    out[at] = Math.sin(angle);
    out[at + 1] = Math.cos(angle);
  };
}
