// @ts-check
// The inputs of every bill: price table, measurements, assumptions.
import { readFileSync } from 'node:fs';

export const MEASURED = new URL('measured.json', import.meta.url);

/**
 * @param {string} [prices] a price table of another region or day
 * @returns {import('./bill.js').Facts}
 */
export function readFacts(prices) {
  return {
    table: read(prices ?? new URL('prices.json', import.meta.url)),
    measured: read(MEASURED),
    assumptions: read(new URL('assumptions.json', import.meta.url)),
  };
}

/** @param {URL | string} file */
function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
