/** Share of rows that are held out for testing. */
export const TEST_SHARE = 0.2;

/**
 * Returns whether a row is held out, by a multiplicative hash of its index (Knuth, TAOCP 6.4). So any language can find
 * the same rows, and a row keeps its side when rows are appended.
 * @param index 0-based, in the order of the data
 */
export function isTestRow(index: number): boolean {
  return (Math.imul(index, 2654435761) >>> 0) / 4294967296 < TEST_SHARE;
}

/** Returns the indices of training and test rows, by their number. */
export function splitRows(rows: number): { training: Uint32Array; test: Uint32Array } {
  const all = Uint32Array.from({ length: rows }, (_, index) => index);
  return { training: all.filter((index) => !isTestRow(index)), test: all.filter(isTestRow) };
}
