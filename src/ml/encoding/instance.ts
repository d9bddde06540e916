import { type Fault, MAX_FAULTS } from '../../core/errors.js';
import { layoutOf, type Spec } from '../spec.js';
import { isMissingValue } from '../text/missing.js';
import { featureReader, nameOf, type ReadFeature, takesNull } from './features.js';
import { fieldOf } from './words.js';

/** Reason to trust a prediction less than others. */
export interface Warning {
  field: string;
  code: 'outside_training_range' | 'missing_value' | 'unknown_category' | 'pixels_zero_to_one';
  message: string;
}

/** A warning about the value of one feature. */
type Watch = { at: number } & (
  | { range: readonly [number, number]; write: (value: number) => string }
  | { unknownFrom: number; missing: readonly string[] | undefined }
  | { pixels: number }
);

/** Validates instances against a spec and converts them to numbers, in one pass. */
export class InstanceReader {
  /** Number of values of an instance. */
  readonly size: number;
  private readonly names: readonly string[];
  private readonly known: ReadonlySet<string>;
  /** Value of the name in an instance without the feature: undefined, except for inherited names. */
  private readonly absent: readonly unknown[];
  private readonly places: readonly number[];
  private readonly readers: readonly ReadFeature[];
  /** Whether a feature may be missing. */
  private readonly optional: readonly boolean[];
  private readonly watched: readonly (Watch & { name: string })[];

  /** @param ranges range of each number feature in training; values outside get a warning */
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
   * Converts one instance into `values`, in the spec's order.
   * @param index the instance's position in the request, for its faults
   * @param faults gets all faults of the instance
   */
  read(instance: unknown, index: number, values: Float64Array, faults: Fault[]): void {
    if (!isRecord(instance)) {
      faults.push({
        instance: index,
        code: 'wrong_type',
        message: `must be an object, not ${nameOf(instance)}`,
      });
      return;
    }
    let present = 0;
    for (let i = 0; i < this.names.length; i++) {
      const name = this.names[i]!;
      let raw = instance[name];
      if (raw === undefined || raw === this.absent[i]) raw = fieldOf(instance, name);
      if (raw === undefined) {
        if (this.optional[i]) {
          this.readers[i]!(null, values, this.places[i]!);
          continue;
        }
        faults.push({
          instance: index,
          field: name,
          code: 'missing_field',
          message: 'is required',
        });
        continue;
      }
      present++;
      const fault = this.readers[i]!(raw, values, this.places[i]!);
      if (fault) faults.push({ instance: index, field: name, ...fault });
    }
    if (countKeys(instance) !== present) this.findUnknown(instance, index, faults);
  }

  /**
   * Returns warnings about values outside of the training data; none for most instances.
   * @param values the values of the instance
   */
  warnings(values: Float64Array, instance: unknown): Warning[] | undefined {
    let found: Warning[] | undefined;
    for (const watch of this.watched) {
      const value = values[watch.at]!;
      if ('range' in watch) {
        if (value >= watch.range[0] && value <= watch.range[1]) continue;
        found ??= [];
        found.push(rangeWarning(watch, value, watch.range));
      } else if ('pixels' in watch) {
        if (!isZeroToOne(values, watch.at, watch.pixels)) continue;
        found ??= [];
        found.push({ field: watch.name, code: 'pixels_zero_to_one', message: ZERO_TO_ONE });
      } else if (value >= watch.unknownFrom) {
        found ??= [];
        found.push(categoryWarning(watch, Object(instance)));
      }
    }
    return found;
  }

  private findUnknown(instance: Record<string, unknown>, index: number, faults: Fault[]): void {
    for (const field in instance) {
      if (faults.length >= MAX_FAULTS) return;
      if (!this.known.has(field) && !this.known.has(field.normalize('NFC'))) {
        const message = 'is not a feature of this model';
        faults.push({
          instance: index,
          field: field.slice(0, LONGEST_NAME),
          code: 'unknown_field',
          message,
          allowed: this.names,
        });
      }
    }
  }
}

const ZERO_TO_ONE =
  'has no pixel above 1; pixels are from 0 (dark) to 255: multiply those from 0 to 1 by 255';

/** Returns whether an image is not blank, and has no pixel above 1. */
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

/** Maximum characters of an unknown name in a message. */
const LONGEST_NAME = 100;

function rangeWarning(
  { name: field, write }: { name: string; write: (value: number) => string },
  value: number,
  [low, high]: readonly [number, number],
): Warning {
  if (Number.isNaN(value)) {
    return {
      field,
      code: 'missing_value',
      message: 'is missing; the typical value of the training rows replaces it',
    };
  }
  return {
    field,
    code: 'outside_training_range',
    message: `${write(value)} is outside the training range, ${write(low)} to ${write(high)}`,
  };
}

function writeMoment(value: number): string {
  return new Date(value).toISOString();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Counts keys several times faster than an array of them. */
function countKeys(instance: Record<string, unknown>): number {
  let count = 0;
  for (const _key in instance) count++;
  return count;
}
