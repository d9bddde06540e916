import type { Fault } from '../../core/errors.js';
import type {
  CategoryFeature,
  DatetimeFeature,
  Feature,
  ImageFeature,
  NumberFeature,
} from '../spec.js';
import { WordIndex } from './words.js';

/** Reads the value of one feature to its place among an instance's values (see RowBlock), or tells its fault. */
export type ReadFeature = (
  value: unknown,
  values: Float64Array,
  at: number,
) => Omit<Fault, 'instance' | 'field'> | undefined;

/** How values of a feature are checked and read. */
export function featureReader(feature: Feature): ReadFeature {
  switch (feature.kind) {
    case 'number':
      return numberReader(feature);
    case 'category':
      return categoryReader(feature);
    case 'datetime':
      return datetimeReader(feature);
    case 'image':
      return imageReader(feature);
  }
}

function numberReader({ minimum, maximum, missing }: NumberFeature): ReadFeature {
  const low = minimum ?? -Number.MAX_VALUE;
  const high = maximum ?? Number.MAX_VALUE;
  return (value, values, at) => {
    if (typeof value !== 'number') {
      if (value !== null || !missing)
        return { code: 'wrong_type', message: `must be a number, not ${nameOf(value)}` };
      values[at] = Number.NaN;
    } else if (missing?.includes(value)) values[at] = Number.NaN;
    else if (value >= low && value <= high) values[at] = value;
    else {
      return {
        code: 'out_of_range',
        message: `must be ${describeRange(minimum, maximum)}, not ${value}`,
      };
    }
    return undefined;
  };
}

function categoryReader({ categories, unknown }: CategoryFeature): ReadFeature {
  const words = new WordIndex(categories);
  return (value, values, at) => {
    const index = words.find(value);
    if (index !== undefined) values[at] = index;
    else if (unknown && (typeof value === 'string' || value === null))
      values[at] = categories.length;
    else if (typeof value === 'string') {
      return {
        code: 'unknown_category',
        message: `${JSON.stringify(shortened(value))} is no category of it`,
        allowed: categories,
      };
    } else {
      return {
        code: 'wrong_type',
        message: `must be a string, not ${nameOf(value)}`,
        allowed: categories,
      };
    }
    return undefined;
  };
}

const ISO_8601 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

function datetimeReader({ optional }: DatetimeFeature): ReadFeature {
  return (value, values, at) => {
    if (typeof value === 'string') values[at] = parseDatetime(value);
    else if (value === null && optional) {
      values[at] = Number.NaN;
      return undefined;
    } else return { code: 'wrong_type', message: `must be a string, not ${nameOf(value)}` };
    if (!Number.isNaN(values[at])) return undefined;
    return {
      code: 'invalid_datetime',
      message: 'must be an ISO 8601 date and time such as 2026-01-31T08:30:00Z',
    };
  };
}

/** Milliseconds since 1970 of an ISO 8601 date or date and time, UTC unless it says otherwise; NaN when it is none. */
export function parseDatetime(text: string): number {
  if (!ISO_8601.test(text) || !isCalendarDay(text.slice(0, 10))) return Number.NaN;
  if (text.length === 10) return Date.parse(text);
  return Date.parse(/(Z|[+-]\d{2}:\d{2})$/.test(text.slice(10)) ? text : `${text}Z`);
}

/** An image is an array of its rows, or of its pixels row by row, from 0 (dark) to 255. */
function imageReader({ width, height }: ImageFeature): ReadFeature {
  const size = width * height;
  const fault = (message: string) => ({ code: 'invalid_image', message });
  return (value, values, at) => {
    const isFlat = ArrayBuffer.isView(value) || (Array.isArray(value) && !Array.isArray(value[0]));
    const pixels = isFlat ? (value as ArrayLike<unknown>) : flatten(value, width, height);
    if (!pixels || pixels.length !== size)
      return fault(`must be ${height} arrays of ${width} numbers, or ${size} numbers`);
    for (let i = 0; i < size; i++) {
      const pixel = pixels[i];
      if (typeof pixel !== 'number' || !(pixel >= 0 && pixel <= 255))
        return fault(
          `pixel ${i} must be a number from 0 to 255, not ${shortened(String(JSON.stringify(pixel)))}`,
        );
      values[at + i] = pixel;
    }
    return undefined;
  };
}

function flatten(value: unknown, width: number, height: number): unknown[] | undefined {
  if (!Array.isArray(value) || value.length !== height) return undefined;
  const isRow = (row: unknown) => Array.isArray(row) && row.length === width;
  return value.every(isRow) ? value.flat() : undefined;
}

/** Date.parse takes the 30th of February for the 2nd of March. */
function isCalendarDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

function describeRange(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum === undefined && maximum === undefined) return 'a finite number';
  if (minimum === undefined) return `at most ${maximum}`;
  if (maximum === undefined) return `at least ${minimum}`;
  return `${minimum} to ${maximum}`;
}

/** What a value is, in words. */
export function nameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`.replace('a object', 'an object');
}

const LONGEST = 100;

/** As much of a text as tells which it is: what a client sends is not sent back in full. */
function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
