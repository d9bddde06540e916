import { LapidaryError } from '../../core/errors.js';
import type { EncodingStep, Spec } from '../spec.js';
import type { Table } from '../table.js';
import { transformTarget } from '../target.js';
import type { FittedEncoding, FittedNumber, FittedStep } from './fitted.js';
import { logOfProduct } from './steps.js';

const DEFAULT_CLIP = 5;

/**
 * Fits the spec's encoding to training rows.
 * @param table the training rows, and no others: what is fitted here reaches every prediction
 * @throws LapidaryError `invalid_dataset` when a feature has no usable value
 */
export function fitEncoding(spec: Spec, table: Table): FittedEncoding {
  return {
    steps: spec.encoding.map((step) => fitStep(step, table)),
    ranges: Object.fromEntries(
      spec.features
        .filter((feature) => feature.kind === 'number')
        .map((feature) => [
          feature.name,
          rangeOf(present(table.column(feature.name), feature.name)),
        ]),
    ),
    target: moments(table.target.map((value) => transformTarget(spec, value))),
  };
}

function fitStep(step: EncodingStep, table: Table): FittedStep {
  switch (step.encode) {
    case 'standard':
      return { ...step, ...fitNumber(table.column(step.feature), step.feature, step.clip) };
    case 'log': {
      const names = Object.keys(step.powers);
      const columns = names.map((name) => table.column(name));
      const exponents = Object.values(step.powers);
      const values = Float64Array.from({ length: table.rows }, (_, row) =>
        logOfProduct(exponents, (i) => columns[i]![row]!),
      );
      return { ...step, ...fitNumber(values, names.join(', '), step.clip) };
    }
    case 'piecewise':
      return { ...step, fill: median(present(table.column(step.feature), step.feature)) };
    default:
      return step;
  }
}

function fitNumber(values: Float64Array, what: string, clip = DEFAULT_CLIP): FittedNumber {
  const fill = median(present(values, what));
  const { mean, deviation } = moments(values.map((value) => (Number.isNaN(value) ? fill : value)));
  return { mean, deviation, clip, fill };
}

function present(values: Float64Array, what: string): Float64Array {
  const kept = values.filter((value) => !Number.isNaN(value));
  if (kept.length === 0)
    throw new LapidaryError('invalid_dataset', `${what}: no row has a usable value`);
  return kept;
}

/** Mean and standard deviation; the deviation of a constant counts as 1, so that it encodes to 0. */
function moments(values: Float64Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function rangeOf(values: Float64Array): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}
