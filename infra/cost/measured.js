// @ts-check
// The measurements of `npm run cost -- --measure`, and durations computed from them.

/**
 * @typedef {object} Calls
 * @property {number[]} microseconds the mean of each twentieth of the calls, from the fastest to the slowest
 * @property {number} requestBytes
 * @property {number} responseBytes
 * @property {number} logBytes
 */

/**
 * @typedef {object} Measured
 * @property {string} date
 * @property {Record<string, string | number>} machine
 * @property {string} model
 * @property {{ coldMilliseconds: number, oneRow: Calls, hundredRows: Calls, peakMegabytes: number }} api
 * @property {{ microseconds: number[], peakMegabytes: number }} authorizer
 * @property {{ seconds: number, peakMegabytes: number }} training
 */

/**
 * @typedef {object} Processor
 * @property {number} memory of the function, in MB
 * @property {number} whole the memory that gives a whole processor, in MB
 */

/**
 * Interpolates the calls with `rows` in a request from those with one and a hundred.
 * @param {Measured} measured
 * @param {number} rows
 * @returns {Calls}
 */
export function callsOf({ api: { oneRow, hundredRows } }, rows) {
  const between = (/** @type {number} */ one, /** @type {number} */ hundred) =>
    Math.ceil(one + ((rows - 1) * Math.max(0, hundred - one)) / 99);
  return {
    microseconds: oneRow.microseconds.map((one, i) =>
      between(one, hundredRows.microseconds[i] ?? one),
    ),
    requestBytes: between(oneRow.requestBytes, hundredRows.requestBytes),
    responseBytes: between(oneRow.responseBytes, hundredRows.responseBytes),
    logBytes: between(oneRow.logBytes, hundredRows.logBytes),
  };
}

/**
 * Returns the milliseconds that Lambda bills for twenty calls, each rounded up, and scaled to the share of a processor.
 * @param {readonly number[]} microseconds
 * @param {Processor} processor
 * @param {number} [waitMs] waits for other services, which do not scale with the processor
 */
export function billedMs(microseconds, processor, waitMs = 0) {
  return microseconds
    .map((each) => Math.ceil(stretched(each, processor) / 1000) + waitMs)
    .reduce((a, b) => a + b, 0);
}

/**
 * @param {number} time
 * @param {Processor} processor
 */
export function stretched(time, { memory, whole }) {
  return memory >= whole ? time : Math.ceil((time * whole) / memory);
}
