// @ts-check
// A month's bill, line by line, for each way to serve.

import { addEnvironment } from './environment.js';
import { addFunctions } from './functions.js';
import { costOf, quantity, sum, times } from './money.js';
import { addEndpoint, addServers } from './servers.js';

/** @typedef {import('./money.js').Quantity} Quantity */
/** @typedef {import('./money.js').Price} Price */
/** @typedef {import('./measured.js').Measured} Measured */
/** @typedef {{ value: number, unit: string, why: string }} Assumption */
/** @typedef {keyof typeof ADD} Way */

/**
 * @typedef {object} Workload
 * @property {'dev' | 'prd'} env
 * @property {number} requests a month
 * @property {number} rows a request
 * @property {number} memory of the API function, in MB
 * @property {'x86_64' | 'arm64'} architecture
 * @property {number} [clients] that call, each with a key; by default as assumed
 * @property {number} coldPerThousand
 * @property {number} provisioned instances that are kept ready
 * @property {number} trainings a month
 * @property {number} storageGb
 * @property {boolean} freeTier whether the account still has its monthly free units
 */

/**
 * @typedef {object} Facts
 * @property {{ currency: string, region: string, date: string, prices: Record<string, Price> }} table
 * @property {Measured} measured
 * @property {Record<string, Assumption>} assumptions
 */

/** @typedef {{ name: string, price: string, unit: string, used: Quantity, cost: bigint }} Line */
/** @typedef {{ way: Way, lines: Line[], total: bigint }} Bill */

/** @satisfies {Record<string, (ledger: Ledger, workload: Workload) => void>} */
const ADD = {
  'on-demand': (ledger, workload) => addFunctions(ledger, workload, 0),
  provisioned: (ledger, workload) => addFunctions(ledger, workload, workload.provisioned),
  'always-on': addServers,
  sagemaker: addEndpoint,
};

/** @type {Readonly<Record<Way, string>>} */
export const WAYS = {
  'on-demand': 'Lambda, on demand',
  provisioned: 'Lambda, provisioned concurrency',
  'always-on': 'Servers, always on',
  sagemaker: 'SageMaker endpoint, no keys',
};

/**
 * @param {Facts} facts
 * @param {Workload} workload
 * @param {Way} way
 * @returns {Bill}
 */
export function billOf(facts, workload, way) {
  const ledger = new Ledger(facts, workload.freeTier);
  ADD[way](ledger, workload);
  addEnvironment(ledger, workload);
  return {
    way,
    lines: ledger.lines,
    total: ledger.lines.reduce((all, { cost }) => all + cost, 0n),
  };
}

/** Sums the use of each price over all lines, since free units and volume discounts count for all lines together. */
export class Ledger {
  /** @type {Line[]} */
  lines = [];
  /** @type {Map<string, Quantity>} */
  #used = new Map();
  #freeTier;

  /**
   * @param {Facts} facts
   * @param {boolean} freeTier
   */
  constructor({ table, measured, assumptions }, freeTier) {
    this.table = table;
    this.measured = measured;
    this.assumptions = assumptions;
    this.#freeTier = freeTier;
  }

  /**
   * @param {string} name of an assumption
   * @returns {number}
   */
  assume(name) {
    const assumption = this.assumptions[name];
    if (assumption === undefined) throw new Error(`unknown assumption ${name}`);
    return assumption.value;
  }

  /**
   * Adds a line. Its cost is the increase of the month's total: the lines of a price are rounded together.
   * @param {string} name
   * @param {string} key of the price
   * @param {Quantity} used
   * @param {{ free?: boolean }} [options] free: false if the free units of the account do not apply
   */
  add(name, key, used, { free = true } = {}) {
    const price = this.table.prices[key];
    if (price === undefined) throw new Error(`the price table lacks ${key}`);
    const options = { free: free && this.#freeTier };
    const pool = `${key} ${options.free}`;
    const before = this.#used.get(pool) ?? quantity(0);
    const after = sum(before, used);
    this.#used.set(pool, after);
    const cost = costOf(after, price, options) - costOf(before, price, options);
    if (used.n > 0n) this.lines.push({ name, price: key, unit: price.unit, used, cost });
  }

  /**
   * Returns how often a month an action with a fixed interval is done.
   * @param {string} name of the assumption with the interval in seconds
   */
  often(name) {
    return Math.floor(this.monthSeconds / this.assume(name));
  }

  get monthSeconds() {
    return this.assume('monthHours') * 3600;
  }
}

const BYTES = 2 ** 30;

/**
 * @param {number} bytes
 * @param {number} [count]
 */
export const gigabytes = (bytes, count = 1) => times(quantity(bytes, BYTES), count);
