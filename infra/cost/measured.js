// @ts-check
// What `npm run cost -- --measure` measured, and the durations that follow from it.

/**
 * @typedef {object} Calls
 * @property {number[]} microseconds the mean of each twentieth of the calls, from the quickest to the slowest
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
 * @property {number} memory in MB, that the function has
 * @property {number} whole in MB, with which it would have a whole processor
 */

/**
 * Of `rows` in a request, from what one and a hundred took.
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
 * What Lambda bills for twenty calls, each rounded up to a millisecond, with less than a processor longer.
 * @param {readonly number[]} microseconds
 * @param {Processor} processor
 * @param {number} [waitMs] waiting for others, which no processor makes shorter
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
