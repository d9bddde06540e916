import { type Fault, MAX_FAULTS } from '../../core/errors.js';
import { layoutOf, type Spec } from '../spec.js';
import { isMissingValue } from '../text/missing.js';
import { featureReader, nameOf, type ReadFeature, takesNull } from './features.js';
import { fieldOf } from './words.js';

/** A reason to trust a prediction less than others. */
export interface Warning {
  field: string;
  code: 'outside_training_range' | 'missing_value' | 'unknown_category' | 'pixels_zero_to_one';
  message: string;
}

/** The values of a feature that cause a warning. */
type Watch = { at: number } & (
  | { range: readonly [number, number]; write: (value: number) => string }
  | { unknownFrom: number; missing: readonly string[] | undefined }
  | { pixels: number }
);

/** Validates instances against a spec and converts them to numbers, in one pass. */
export class InstanceReader {
  /** Count of numbers of an instance. */
  readonly size: number;
  private readonly names: readonly string[];
  private readonly known: ReadonlySet<string>;
  /** The property of an instance without the feature: undefined, except for names that all objects inherit. */
  private readonly absent: readonly unknown[];
  private readonly places: readonly number[];
  private readonly readers: readonly ReadFeature[];
  /** Whether a feature may be missing. */
  private readonly optional: readonly boolean[];
  private readonly watched: readonly (Watch & { name: string })[];

  /** @param ranges of each number and datetime in training; a value outside causes a warning */
  constructor(
    spec: Pick<Spec, 'features'>,
    ranges: Readonly<Record<string, readonly [number, number]>> = {},
  ) {
    const { offsets, size } = layoutOf(spec);
    this.size = size;
    this.names = spec.features.map((feature) => feature.name);
    this.known = new Set(this.names.flatMap((name) => [name, name.normalize('NFC')]));
    this.absent = this.names.map((name) => (Object.prototype as Record<string, unknown>)[name]);
    this.places = [...offsets.values()];
    this.readers = spec.features.map((feature) => featureReader(feature));
    this.optional = spec.features.map(takesNull);
    this.watched = spec.features.flatMap<Watch & { name: string }>((feature) => {
      const { name } = feature;
      const at = offsets.get(name)!;
      if (feature.kind === 'category' && feature.unknown)
        return [{ name, at, unknownFrom: feature.categories.length, missing: feature.missing }];
      if (feature.kind === 'image') return [{ name, at, pixels: feature.width * feature.height }];
      const range = Object.hasOwn(ranges, name) ? ranges[name] : undefined;
      const write = feature.kind === 'datetime' ? writeMoment : String;
      return range ? [{ name, at, range, write }] : [];
    });
  }

  /**
   * Reads an instance to `values`, in the spec's order.
   * @param index of the instance in the request, for its faults
   * @param faults receives the faults of the instance
   */
  read(instance: unknown, index: number, values: Float64Array, faults: Fault[]): void {
    if (!isRecord(instance)) {
      const message = `must be an object, not ${nameOf(instance)}`;
      faults.push({ instance: index, code: 'wrong_type', message });
      return;
    }
    let present = 0;
    for (let i = 0; i < this.names.length; i++) {
      const name = this.names[i]!;
      let raw = instance[name];
      if (raw === undefined || raw === this.absent[i]) raw = fieldOf(instance, name);
      if (raw === undefined) {
        const missing = { code: 'missing_field', message: 'is required' };
        if (this.optional[i]) this.readers[i]!(null, values, this.places[i]!);
        else faults.push({ instance: index, field: name, ...missing });
        continue;
      }
      present++;
      const fault = this.readers[i]!(raw, values, this.places[i]!);
      if (fault) faults.push({ instance: index, field: name, ...fault });
    }
    if (countKeys(instance) !== present) this.findUnknown(instance, index, faults);
  }

  /** Returns warnings about an instance; undefined for most. @param values that it was read to */
  warnings(values: Float64Array, instance: unknown): Warning[] | undefined {
    let found: Warning[] | undefined;
    for (const watch of this.watched) {
      const value = values[watch.at]!;
      let warning: Warning;
      if ('range' in watch) {
        if (value >= watch.range[0] && value <= watch.range[1]) continue;
        warning = rangeWarning(watch, value, watch.range);
      } else if ('pixels' in watch) {
        if (!isZeroToOne(values, watch.at, watch.pixels)) continue;
        warning = { field: watch.name, code: 'pixels_zero_to_one', message: ZERO_TO_ONE };
      } else {
        if (!(value >= watch.unknownFrom)) continue;
        warning = categoryWarning(watch, Object(instance));
      }
      found ??= [];
      found.push(warning);
    }
    return found;
  }

  private findUnknown(instance: Record<string, unknown>, index: number, faults: Fault[]): void {
    const unknown = { code: 'unknown_field', message: 'is not a feature of this model' };
    for (const key in instance) {
      if (faults.length >= MAX_FAULTS) return;
      if (this.known.has(key) || this.known.has(key.normalize('NFC'))) continue;
      const field = key.slice(0, LONGEST_NAME);
      faults.push({ instance: index, field, ...unknown, allowed: this.names });
    }
  }
}

const ZERO_TO_ONE =
  'has no pixel above 1; pixels are from 0 (dark) to 255: multiply those from 0 to 1 by 255';

/** Returns whether an image is not blank and has no pixel above 1. */
function isZeroToOne(values: Float64Array, at: number, pixels: number): boolean {
  let greatest = 0;
  for (let i = at; i < at + pixels; i++) {
    if (values[i]! > 1) return false;
    if (values[i]! > greatest) greatest = values[i]!;
  }
  return greatest > 0;
}

function categoryWarning(
  { name: field, missing }: { name: string; missing: readonly string[] | undefined },
  instance: Record<string, unknown>,
): Warning {
  if (isMissingValue(fieldOf(instance, field), missing))
    return { field, code: 'missing_value', message: 'is missing' };
  return { field, code: 'unknown_category', message: 'is not a category seen in training' };
}

/** Maximum length of an unknown name in a fault. */
const LONGEST_NAME = 100;

function rangeWarning(
  { name: field, write }: { name: string; write: (value: number) => string },
  value: number,
  [low, high]: readonly [number, number],
): Warning {
  if (Number.isNaN(value)) {
    const message = 'is missing and replaced by the typical value of the training rows';
    return { field, code: 'missing_value', message };
  }
  const message = `${write(value)} is outside the range in training, ${write(low)} to ${write(high)}`;
  return { field, code: 'outside_training_range', message };
}

function writeMoment(value: number): string {
  return new Date(value).toISOString();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Counts keys in place, which is several times faster than through an array. */
function countKeys(instance: Record<string, unknown>): number {
  let count = 0;
  for (const _key in instance) count++;
  return count;
}
