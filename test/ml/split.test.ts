import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isTestRow, TEST_SHARE } from '../../src/ml/split.js';

const DIAMONDS = 53_940;

/** Returns the indices of training and test rows. */
function splitRows(rows: number): { training: Uint32Array; test: Uint32Array } {
  const all = Uint32Array.from({ length: rows }, (_, index) => index);
  return { training: all.filter((index) => !isTestRow(index)), test: all.filter(isTestRow) };
}

describe('the split', () => {
  it('holds out a fifth of the diamonds, by the documented formula', () => {
    const { training, test } = splitRows(DIAMONDS);
    expect(test).toHaveLength(10_789);
    expect(training).toHaveLength(43_151);
    // By hand: 0; 5 * 2654435761 mod 2^32 = 387276917, a share of 0.090; then 0.180 and 0.034.
    expect([...test.subarray(0, 4)]).toEqual([0, 5, 10, 13]);
  });

  it('is the published formula, in integers that do not wrap', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), (index) => {
        const hash = (BigInt(index) * 2654435761n) % 2n ** 32n;
        expect(isTestRow(index)).toBe(Number(hash) / 2 ** 32 < TEST_SHARE);
      }),
    );
  });

  it('puts every row on one side, in order', () => {
    fc.assert(
      fc.property(fc.nat(500), (rows) => {
        const { training, test } = splitRows(rows);
        const all = Array.from({ length: rows }, (_, row) => row);
        expect([...training]).toEqual(all.filter((row) => !test.includes(row)));
        expect([...test]).toEqual(all.filter((row) => !training.includes(row)));
      }),
    );
  });

  it('leaves a row on its side as rows are added behind it', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), (rows, added) => {
        const [before, after] = [splitRows(rows).test, splitRows(rows + added).test];
        expect(after.subarray(0, before.length)).toEqual(before);
      }),
    );
  });
});
