import type { Fault } from '../../core/errors.js';
import type {
  CategoryFeature,
  DatetimeFeature,
  Feature,
  ImageFeature,
  NumberFeature,
} from '../spec.js';
import { trimmed } from '../text/characters.js';
import { momentText, ordersOf } from '../text/moment.js';
import { type DecimalMark, numberText, readNumber, sentinelsOf } from '../text/number.js';
import { WordIndex } from './words.js';

/** Reads the value of a feature to its place in an instance's values (see RowBlock), or returns the fault. */
export type ReadFeature = (
  value: unknown,
  values: Float64Array,
  at: number,
) => Omit<Fault, 'instance' | 'field'> | undefined;

/**
 * Creates a reader that checks and reads values of a feature: of JSON, and texts of CSV.
 * @param decimal the decimal mark of ambiguous texts; default: the feature's
 */
export function featureReader(feature: Feature, decimal?: DecimalMark): ReadFeature {
  switch (feature.kind) {
    case 'number':
      return numberReader(feature, decimal);
    case 'category':
      return categoryReader(feature);
    case 'datetime':
      return datetimeReader(feature);
    case 'image':
      return imageReader(feature);
  }
}

function numberReader(feature: NumberFeature, decimal = feature.decimal): ReadFeature {
  const { minimum, maximum, missing } = feature;
  const low = minimum ?? -Number.MAX_VALUE;
  const high = maximum ?? Number.MAX_VALUE;
  const isOptional = takesNull(feature);
  const sentinels = sentinelsOf(missing);
  const readText = numberText({ ...feature, decimal });
  return (given, values, at) => {
    const value = typeof given === 'string' ? readText(given) : given;
    if (typeof value !== 'number') {
      if (value !== null || !isOptional) return notANumber(given, feature);
      values[at] = Number.NaN;
    } else if (sentinels.includes(value)) values[at] = Number.NaN;
    else if (value >= low && value <= high) values[at] = value;
    else {
      const range = describeRange(feature) ?? 'a finite number';
      return { code: 'out_of_range', message: `must be ${range}, not ${value}` };
    }
    return undefined;
  };
}

function notANumber(value: unknown, { unit }: NumberFeature) {
  if (typeof value !== 'string' || trimmed(value) === '') {
    const what = nameOf(typeof value === 'string' ? null : value);
    return { code: 'wrong_type', message: `must be a number, not ${what}` };
  }
  const isOfAnother = readNumber(value) !== undefined;
  const without = unit === undefined ? ' without a unit' : ` in ${unit}`;
  const message = `must be a number${isOfAnother ? without : ''}, not ${JSON.stringify(shortened(value))}`;
  return { code: 'wrong_type', message };
}

function categoryReader({ categories, unknown }: CategoryFeature): ReadFeature {
  const words = new WordIndex(categories);
  return (value, values, at) => {
    const index = words.find(value);
    const isWord = typeof value === 'string' || words.couldBe(value);
    if (index !== undefined) values[at] = index;
    else if (unknown && (isWord || value === null)) values[at] = categories.length;
    else {
      return {
        code: isWord ? 'unknown_category' : 'wrong_type',
        message: isWord
          ? `${JSON.stringify(shortened(String(value)))} is not one of its categories`
          : `must be a string, not ${nameOf(value)}`,
        allowed: categories,
      };
    }
    return undefined;
  };
}

function datetimeReader(feature: DatetimeFeature): ReadFeature {
  const isOptional = takesNull(feature);
  const readText = momentText(feature);
  return (given, values, at) => {
    const value = typeof given === 'string' ? readText(given) : given;
    if (value === null && isOptional) values[at] = Number.NaN;
    else if (typeof given === 'string' && typeof value === 'number') values[at] = value;
    else if (typeof given !== 'string' || value === null)
      return { code: 'wrong_type', message: `must be a string, not ${nameOf(value)}` };
    else return notAMoment(given, feature);
    return undefined;
  };
}

function notAMoment(text: string, { order }: DatetimeFeature) {
  const shown = JSON.stringify(shortened(text));
  const which = ordersOf(text);
  const message =
    which && order === undefined
      ? `${shown} may begin with the day or the month: the spec's "order" (dmy, mdy) decides`
      : which && which.orders.length > 0
        ? `must have its day and month in the order ${order}, not ${shown}`
        : `must be a date, or a date and time, such as 2026-01-31T08:30:00Z, not ${shown}`;
  return { code: 'invalid_datetime', message };
}

/** Reads an image: an array of its rows, or of its pixels row by row, from 0 (dark) to 255. */
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

/** Describes the limits of a number; undefined without any. */
export function describeRange({ minimum, maximum }: NumberFeature): string | undefined {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `at least ${minimum}`;
  return maximum === undefined ? undefined : `at most ${maximum}`;
}

/** Returns whether null means unknown, and so does a missing key. */
export function takesNull(feature: Feature): boolean {
  switch (feature.kind) {
    case 'number':
      return feature.missing !== undefined || feature.otherText !== undefined;
    case 'category':
      return feature.unknown === true;
    case 'datetime':
      return feature.optional === true || (feature.missing ?? feature.otherText) !== undefined;
    case 'image':
      return false;
  }
}

/** Returns the type of a value in words. */
export function nameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`.replace('a object', 'an object');
}

const LONGEST = 100;

/** Shortens a client's text for a message. */
export function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
