/** Share of rows that are held out for testing. */
export const TEST_SHARE = 0.2;

/**
 * Decides whether a row is held out, by a multiplicative hash of its index (Knuth, TAOCP 6.4): it is the same in any
 * language, and does not change as rows are appended.
 * @param index 0-based, in the order of the data
 */
export function isTestRow(index: number): boolean {
  return (Math.imul(index, 2654435761) >>> 0) / 4294967296 < TEST_SHARE;
}
