/** Splits a double into halves whose products are exact (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;
/** Far above the error of {@link divideLong}, and so far below half a place that few come so close. */
const DOUBT = 2 ** -83;

/** What a product lacks to be exact (Dekker): `a * b` is `product` and this. */
function lackOf(a: number, b: number, product: number): number {
  const c = SPLITTER * a;
  const a1 = c - (c - a);
  const a2 = a - a1;
  const d = SPLITTER * b;
  const b1 = d - (d - b);
  const b2 = b - b1;
  return a1 * b1 - product + a1 * b2 + a2 * b1 + a2 * b2;
}

/**
 * The double nearest to `(high * power + low) / divisor`, for integers of which each is exact but
 * not the dividend; NaN in the rare case that the nearest one is in doubt. A decimal of 17 digits, as
 * most programs write a double, is read by it several times as fast as by way of a string.
 * @param low less than `power`
 * @param divisor at most 1e22
 */
export function divideLong(high: number, power: number, low: number, divisor: number): number {
  // The dividend as a sum of two doubles, then the quotient as one too.
  const product = high * power;
  const rest = lackOf(high, power, product) + low;
  const dividend = product + rest;
  const tail = rest - (dividend - product);
  const quotient = dividend / divisor;
  const back = quotient * divisor;
  const remainder = dividend - back - lackOf(quotient, divisor, back) + tail;
  const correction = remainder / divisor;
  const doubt = quotient * DOUBT;
  const nearest = quotient + (correction - doubt);
  return nearest === quotient + (correction + doubt) ? nearest : Number.NaN;
}
