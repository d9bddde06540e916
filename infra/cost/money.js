// @ts-check
// Exact money: quantities are fractions of whole numbers, prices whole millionths of the currency. Only a sum
// is rounded, once, to a whole millionth. Output is rounded to cents.

/**
 * A quantity as a fraction.
 * @typedef {{ readonly n: bigint, readonly d: bigint }} Quantity
 */

/**
 * @typedef {object} Tier
 * @property {number} [upTo] the last unit of a month in this tier; without it, all that follow
 * @property {string} price in millionths of the currency, for `per` units
 */

/**
 * A line of the price table.
 * @typedef {object} Price
 * @property {string} what
 * @property {string} unit
 * @property {number} per number of units of the prices
 * @property {Tier[]} tiers
 * @property {number} free free units of every account each month, without expiry
 * @property {string} source AWS' page of the price
 * @property {string | null} seen the page on which the figure was read; null: from memory
 * @property {string} [unseen] the part of it that is from memory nevertheless
 * @property {string} [hint]
 */

/**
 * @param {number | bigint} n
 * @param {number | bigint} [d]
 * @returns {Quantity}
 */
export function quantity(n, d = 1) {
  return { n: BigInt(n), d: BigInt(d) };
}

/**
 * @param {...Quantity} terms
 * @returns {Quantity}
 */
export function sum(...terms) {
  return terms.reduce((a, b) => reduced(a.n * b.d + b.n * a.d, a.d * b.d), quantity(0));
}

/**
 * @param {Quantity} a
 * @param {number | bigint} n
 * @param {number | bigint} [d]
 * @returns {Quantity}
 */
export function times(a, n, d = 1) {
  return reduced(a.n * BigInt(n), a.d * BigInt(d));
}

/**
 * Returns the cost of a month's quantity, in whole millionths, halves up.
 * @param {Quantity} used
 * @param {Price} price
 * @param {{ free: boolean }} options whether the account still has its free units
 * @returns {bigint}
 */
export function costOf(used, price, { free }) {
  const paid = sum(used, quantity(free ? -price.free : 0));
  let cost = quantity(0);
  let from = 0n;
  for (const { upTo, price: each } of price.tiers) {
    const left = sum(paid, quantity(-from));
    if (left.n <= 0n) break;
    const size = upTo === undefined ? undefined : BigInt(upTo) - from;
    const inTier = size === undefined || left.n <= size * left.d ? left : quantity(size);
    cost = sum(cost, times(inTier, BigInt(each), price.per));
    from = BigInt(upTo ?? 0);
  }
  return (2n * cost.n + cost.d) / (2n * cost.d);
}

/**
 * Formats millionths as dollars and cents.
 * @param {bigint} micros
 */
export function dollars(micros) {
  const cents = (micros + 5_000n) / 10_000n;
  if (cents === 0n && micros > 0n) return '< $0.01';
  const [whole, rest] = [cents / 100n, cents % 100n];
  return `$${whole.toLocaleString('en-US')}.${String(rest).padStart(2, '0')}`;
}

/**
 * Formats a quantity with up to three decimals.
 * @param {Quantity} q
 */
export function amount({ n, d }) {
  const thousandths = (2_000n * n + d) / (2n * d);
  if (thousandths === 0n && n > 0n) return '< 0.001';
  const decimals = String(thousandths % 1_000n)
    .padStart(3, '0')
    .replace(/0+$/, '');
  const whole = (thousandths / 1_000n).toLocaleString('en-US');
  return decimals === '' ? whole : `${whole}.${decimals}`;
}

/**
 * @param {bigint} n
 * @param {bigint} d
 * @returns {Quantity}
 */
function reduced(n, d) {
  const common = divisor(n < 0n ? -n : n, d);
  return { n: n / common, d: d / common };
}

/**
 * @param {bigint} a
 * @param {bigint} b
 * @returns {bigint}
 */
function divisor(a, b) {
  return b === 0n ? a : divisor(b, a % b);
}
