import { describe, expect, it } from '@jest/globals';
import { RateLimiter } from '../../src/access/limiter.js';
import { BUILT_IN_PLANS } from '../../src/access/plans.js';

const plan = { ...BUILT_IN_PLANS[0]!, requestsPerSecond: 2, burst: 4 };
const caller = (key: string) => ({ client: 'acme', key, plan, scopes: [] });

describe('the rate of a key', () => {
  it('is a burst, and then what the plan gives a second', () => {
    let now = 1000;
    const limiter = new RateLimiter(() => now);
    const take = (key = 'a') => limiter.take(caller(key));
    expect([take(), take(), take(), take()].map((standing) => standing!.remaining)).toEqual([
      3, 2, 1, 0,
    ]);
    expect(take()).toEqual({ remaining: 0, reset: 2, retryAfter: 1, policy: '"requests";q=4;w=2' });
    expect(take('b')!.retryAfter).toBe(0);
    now += 500;
    expect([take()!.retryAfter, take()!.retryAfter]).toEqual([0, 1]);
    now += 3_600_000;
    expect(take()).toEqual({ remaining: 3, reset: 1, retryAfter: 0, policy: '"requests";q=4;w=2' });
  });

  it('admits the rate of the plan over time, in any pattern', () => {
    let now = 0;
    const limiter = new RateLimiter(() => now);
    let passed = 0;
    for (; now < 100_000; now += 7) if (limiter.take(caller('a'))!.retryAfter === 0) passed++;
    expect(passed).toBeGreaterThanOrEqual(203);
    expect(passed).toBeLessThanOrEqual(204);
  });

  it('has a policy header, and none without a rate', () => {
    expect(new RateLimiter().take(caller('a'))?.policy).toBe('"requests";q=4;w=2');
    const unlimited = { ...plan, requestsPerSecond: null };
    expect(new RateLimiter().take({ ...caller('a'), plan: unlimited })).toBeUndefined();
  });
});
