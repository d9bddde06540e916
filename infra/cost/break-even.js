// @ts-check
import { billOf } from './bill.js';

/** Upper bound of requests a month. */
const MOST = 100_000_000_000;

/**
 * Returns the fewest requests a month at which another way costs no more than on demand. Both bills grow with the
 * requests, on demand faster, so they cross at most once.
 * @param {import('./bill.js').Facts} facts
 * @param {import('./bill.js').Workload} workload whose requests are ignored
 * @param {import('./bill.js').Way} way
 * @returns {number | undefined} undefined: never
 */
export function breakEven(facts, workload, way) {
  const pays = (/** @type {number} */ requests) => {
    const at = { ...workload, requests };
    return billOf(facts, at, way).total <= billOf(facts, at, 'on-demand').total;
  };
  let enough = 1;
  while (!pays(enough)) {
    enough *= 2;
    if (enough > MOST) return undefined;
  }
  let few = Math.floor(enough / 2);
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (pays(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}
