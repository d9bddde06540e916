import { describe, expect, it } from '@jest/globals';
import { uuidv7 } from '../../src/core/ids.js';
import { isChosen } from '../../src/prediction/challenge.js';

const IDS = 20_000;
/** Ids of one millisecond, which differ least. */
const ids = Array.from({ length: IDS }, () => uuidv7(1_700_000_000_000));
const chosen = (share: number) => ids.filter((id) => isChosen(id, share));

describe('the share of requests that goes to a challenger', () => {
  // 5 standard deviations of as many tosses are less than 0.02.
  it.each([0.01, 0.1, 0.5, 0.9])('is about %s', (share) => {
    expect(Math.abs(chosen(share).length / IDS - share)).toBeLessThan(0.02);
  });

  it('is none or all at the ends', () => {
    expect([chosen(0).length, chosen(1).length]).toEqual([0, IDS]);
  });

  it('follows from the id, and grows by more requests, not by others', () => {
    const small = chosen(0.1);
    expect(chosen(0.1)).toEqual(small);
    const large = new Set(chosen(0.3));
    expect(small.every((id) => large.has(id))).toBe(true);
  });
});
