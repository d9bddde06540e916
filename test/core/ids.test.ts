import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { uuidv7 } from '../../src/core/ids.js';

/** The last moment that 48 bits of milliseconds hold. */
const LAST = 2 ** 48 - 1;
const moment = fc.integer({ min: 0, max: LAST });

describe('an id', () => {
  it('is a UUID of version 7', () => {
    fc.assert(
      fc.property(moment, (now) => {
        const version7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
        expect(uuidv7(now)).toMatch(version7);
      }),
    );
  });

  it('begins with its moment', () => {
    // The example of RFC 9562, appendix A.6.
    expect(uuidv7(0x017f22e279b0)).toMatch(/^017f22e2-79b0-7/);
    expect(uuidv7(1.9)).toMatch(/^00000000-0001-7/);
    expect(uuidv7(LAST)).toMatch(/^ffffffff-ffff-7/);
  });

  it('of a later moment sorts behind that of an earlier one', () => {
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        fc.pre(a < b);
        expect(uuidv7(a) < uuidv7(b)).toBe(true);
      }),
    );
  });

  it('is never given twice, not even in the same millisecond', () => {
    const ids = Array.from({ length: 20_000 }, () => uuidv7(0));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('takes the present when no moment is given', () => {
    jest.useFakeTimers({ now: 0x017f22e279b0 });
    const id = uuidv7();
    jest.useRealTimers();
    expect(id).toMatch(/^017f22e2-79b0-7/);
  });
});
