import type { Fault } from '../../core/errors.js';
import type { CategoryFeature, DatetimeFeature, Feature, NumberFeature, Spec } from '../spec.js';

/** Why a prediction deserves less trust than its like. */
export interface Warning {
  field: string;
  code: 'outside_training_range' | 'missing_value';
  message: string;
}

/** The value of one feature as a number (see Table), or the fault in it. */
type ReadFeature = (value: unknown) => number | Omit<Fault, 'instance' | 'field'>;

/** Checks instances against a spec and reads them to numbers, in one pass. */
export class InstanceReader {
  private readonly names: readonly string[];
  private readonly readers: readonly ReadFeature[];
  private readonly bounds: readonly (readonly [number, number] | undefined)[];

  /** @param ranges what training saw of each number feature; outside it an instance is warned about */
  constructor(
    spec: Spec,
    private readonly ranges: Readonly<Record<string, readonly [number, number]>> = {},
  ) {
    this.names = spec.features.map((feature) => feature.name);
    this.readers = spec.features.map(featureReader);
    this.bounds = this.names.map((name) => this.ranges[name]);
  }

  /** How many features an instance has. */
  get size(): number {
    return this.names.length;
  }

  /**
   * Reads one instance to `values`, in the spec's order.
   * @param index the instance's place in the request, for its faults
   * @param faults where everything wrong with the instance is added
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
      const raw = instance[name];
      if (raw === undefined) {
        faults.push({
          instance: index,
          field: name,
          code: 'missing_field',
          message: 'is required',
        });
        continue;
      }
      present++;
      const value = this.readers[i]!(raw);
      if (typeof value === 'number') values[i] = value;
      else faults.push({ instance: index, field: name, ...value });
    }
    if (countKeys(instance) !== present) this.findUnknown(instance, index, faults);
  }

  /** What about these values training never saw; nothing for most instances. */
  warnings(values: Float64Array): Warning[] | undefined {
    let found: Warning[] | undefined;
    for (let i = 0; i < this.bounds.length; i++) {
      const bound = this.bounds[i];
      if (bound === undefined) continue;
      const value = values[i]!;
      if (value >= bound[0] && value <= bound[1]) continue;
      found ??= [];
      found.push(warning(this.names[i]!, value, bound));
    }
    return found;
  }

  private findUnknown(instance: Record<string, unknown>, index: number, faults: Fault[]): void {
    for (const field of Object.keys(instance)) {
      if (!this.names.includes(field)) {
        const message = 'is no feature of this model';
        faults.push({
          instance: index,
          field,
          code: 'unknown_field',
          message,
          allowed: this.names,
        });
      }
    }
  }
}

function warning(field: string, value: number, [low, high]: readonly [number, number]): Warning {
  if (Number.isNaN(value)) {
    return {
      field,
      code: 'missing_value',
      message: 'is missing; the typical value of the training rows stands in',
    };
  }
  return {
    field,
    code: 'outside_training_range',
    message: `${value} is outside of what training saw, ${low} to ${high}`,
  };
}

function featureReader(feature: Feature): ReadFeature {
  switch (feature.kind) {
    case 'number':
      return numberReader(feature);
    case 'category':
      return categoryReader(feature);
    case 'datetime':
      return datetimeReader(feature);
  }
}

function numberReader({ minimum, maximum, missing }: NumberFeature): ReadFeature {
  const low = minimum ?? -Number.MAX_VALUE;
  const high = maximum ?? Number.MAX_VALUE;
  return (value) => {
    if (typeof value !== 'number') {
      if (value === null && missing) return Number.NaN;
      return { code: 'wrong_type', message: `must be a number, not ${nameOf(value)}` };
    }
    if (missing?.includes(value)) return Number.NaN;
    if (value >= low && value <= high) return value;
    return {
      code: 'out_of_range',
      message: `must be ${describeRange(minimum, maximum)}, not ${value}`,
    };
  };
}

function categoryReader({ categories }: CategoryFeature): ReadFeature {
  const indices = new Map(categories.map((category, index) => [category, index]));
  return (value) => {
    const index = indices.get(value as string);
    if (index !== undefined) return index;
    return typeof value === 'string'
      ? {
          code: 'unknown_category',
          message: `${JSON.stringify(value)} is no category of it`,
          allowed: categories,
        }
      : {
          code: 'wrong_type',
          message: `must be a string, not ${nameOf(value)}`,
          allowed: categories,
        };
  };
}

const ISO_8601 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

function datetimeReader(_feature: DatetimeFeature): ReadFeature {
  return (value) => {
    if (typeof value !== 'string')
      return { code: 'wrong_type', message: `must be a string, not ${nameOf(value)}` };
    const zoned = /T.*(Z|[+-]\d{2}:\d{2})$/.test(value)
      ? value
      : value.replace(/^(.{10})$/, '$1T00:00').concat('Z');
    const time = ISO_8601.test(value) ? Date.parse(zoned) : Number.NaN;
    if (!Number.isNaN(time) && isCalendarDay(value.slice(0, 10))) return time;
    return {
      code: 'invalid_datetime',
      message: 'must be an ISO 8601 date and time such as 2026-01-31T08:30:00Z',
    };
  };
}

/** Date.parse takes the 30th of February for the 2nd of March. */
function isCalendarDay(day: string): boolean {
  return new Date(`${day}T00:00Z`).toISOString().startsWith(day);
}

function describeRange(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum === undefined && maximum === undefined) return 'a finite number';
  if (minimum === undefined) return `at most ${maximum}`;
  if (maximum === undefined) return `at least ${minimum}`;
  return `${minimum} to ${maximum}`;
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`.replace('a object', 'an object');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Counting in place is several times faster than making an array of the keys. */
function countKeys(instance: Record<string, unknown>): number {
  let count = 0;
  for (const _key in instance) count++;
  return count;
}
