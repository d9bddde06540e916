import { COMMA, CR, MINUS, PLUS, POINT, SPACE, TAB, ZERO } from './bytes.js';
import { divideLong } from './divide.js';

/** Result of {@link parseNumber} for an empty field: NaN, a missing value. */
export const EMPTY = Number.NaN;
/** Result of {@link parseNumber} for text that is not a number, or exceeds a double. */
export const INVALID = Number.POSITIVE_INFINITY;

/** The powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** Number of digits that fit 31 bits. */
const SHORT = 9;
/** Largest integer to which one more digit can be appended exactly in a double. */
const ROOM_FOR_DIGIT = Math.floor((Number.MAX_SAFE_INTEGER - 9) / 10);
/** Maximum number of exact digits after the mantissa. */
const MAX_LOW_DIGITS = 15;
const MAX_EXPONENT = 1e4;

/**
 * Parses a number exactly as `Number()` does, ignoring spaces around it.
 * @param decimalComma whether numbers are written as 1.234,56; the points between thousands are optional
 * @returns a finite number, {@link EMPTY} or {@link INVALID}
 */
export function parseNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  decimalComma: boolean,
): number {
  if (end - start > SHORT) return parseAny(bytes, start, end, decimalComma);
  const mark = decimalComma ? COMMA : POINT;
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  if (first >= end) return parseAny(bytes, start, end, decimalComma);
  let decimals = 0;
  let value = 0;
  for (let pos = first; pos < end; pos++) {
    const byte = bytes[pos]!;
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (byte === mark && decimals === 0 && pos + 1 < end) decimals = end - pos - 1;
    else return parseAny(bytes, start, end, decimalComma);
  }
  if (decimals > 0) value /= POWERS[decimals]!;
  return negative ? -value : value;
}

/** Parses a number of any form, with Clinger's fast path where that is exact. */
function parseAny(bytes: Uint8Array, start: number, end: number, decimalComma: boolean): number {
  let first = start;
  let last = end;
  while (first < last && isSpace(bytes[first]!)) first++;
  while (last > first && isSpace(bytes[last - 1]!)) last--;
  if (first === last) return EMPTY;
  const mark = decimalComma ? COMMA : POINT;
  const sign = bytes[first];
  let pos = sign === MINUS || sign === PLUS ? first + 1 : first;
  if (decimalComma && !isGrouped(bytes, pos, last)) return INVALID;
  let digits = 0;
  let fraction = -1; // the number of digits before the decimal mark
  let mantissa = 0;
  let low = 0; // the digits that no longer fit the mantissa
  let lowDigits = 0;
  for (; pos < last; pos++) {
    const byte = bytes[pos]!;
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      digits++;
      if (mantissa <= ROOM_FOR_DIGIT) mantissa = mantissa * 10 + digit;
      else {
        low = low * 10 + digit;
        lowDigits++;
      }
    } else if (fraction >= 0) break;
    else if (byte === mark) fraction = digits;
    else if (byte !== POINT) break;
  }
  if (digits === 0) return INVALID;
  let scale = fraction < 0 ? 0 : fraction - digits;
  if (pos < last) {
    const exponent = parseExponent(bytes, pos, last);
    if (exponent === INVALID) return INVALID;
    scale += exponent;
  }
  const value = scaled(mantissa, low, lowDigits, scale);
  if (Number.isNaN(value)) return parseText(bytes, first, last, decimalComma);
  return sign === MINUS ? -value : value;
}

/** Multiplies a mantissa and the digits after it by a power of ten; NaN if the result would not be exact. */
function scaled(mantissa: number, low: number, lowDigits: number, scale: number): number {
  if (scale < -22 || scale > 22) return Number.NaN;
  if (lowDigits === 0) return scale < 0 ? mantissa / POWERS[-scale]! : mantissa * POWERS[scale]!;
  if (scale > 0 || lowDigits > MAX_LOW_DIGITS) return Number.NaN;
  return divideLong(mantissa, POWERS[lowDigits]!, low, POWERS[-scale]!);
}

/** Parses the exponent after an e; {@link INVALID} if it is not digits. */
function parseExponent(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== 0x65 && bytes[start] !== 0x45) return INVALID;
  const sign = bytes[start + 1];
  const first = sign === MINUS || sign === PLUS ? start + 2 : start + 1;
  if (first >= end) return INVALID;
  let value = 0;
  for (let pos = first; pos < end; pos++) {
    const digit = bytes[pos]! - ZERO;
    if (digit < 0 || digit > 9) return INVALID;
    value = Math.min(value * 10 + digit, MAX_EXPONENT);
  }
  return sign === MINUS ? -value : value;
}

/** Returns whether all points before the decimal comma separate thousands. */
function isGrouped(bytes: Uint8Array, start: number, end: number): boolean {
  let points = 0;
  let digits = 0;
  for (let pos = start; pos < end; pos++) {
    const byte = bytes[pos]!;
    if (byte === POINT) {
      if (points > 0 ? digits !== 3 : digits < 1 || digits > 3 || bytes[start] === ZERO) {
        return false;
      }
      points++;
      digits = 0;
    } else if (byte >= ZERO && byte <= ZERO + 9) digits++;
    else break;
  }
  return points === 0 || digits === 3;
}

let scratch = Buffer.alloc(64);

/** Parses through a string in the form that `Number()` accepts: the slow path. */
function parseText(bytes: Uint8Array, start: number, end: number, decimalComma: boolean): number {
  if (end - start > scratch.length) scratch = Buffer.alloc(2 * (end - start));
  let length = 0;
  for (let pos = start; pos < end; pos++) {
    const byte = bytes[pos]!;
    if (decimalComma && byte === POINT) continue;
    scratch[length++] = byte === COMMA ? POINT : byte;
  }
  const value = Number(scratch.toString('latin1', 0, length));
  return Number.isFinite(value) ? value : INVALID;
}

function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CR);
}
