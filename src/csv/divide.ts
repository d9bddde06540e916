/** Factor that splits a double into halves whose products are exact (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;
/** Relative distance to a tie below which {@link divideLong} is in doubt: far above its error, and rarely reached. */
const DOUBT = 2 ** -83;

/** Computes the rounding error of a product (Dekker): `a * b` is exactly `product` plus this. */
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
 * Returns the double nearest to `(high * power + low) / divisor`, for integers that are exact although the dividend
 * is not; NaN in the rare case of doubt. It reads a decimal of 17 digits, as most programs print a double, several
 * times as fast as through a string.
 * @param low less than `power`
 * @param divisor at most 1e22
 */
export function divideLong(high: number, power: number, low: number, divisor: number): number {
  // The dividend as a sum of two doubles, then the quotient.
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
