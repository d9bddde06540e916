import type { Caller } from './gate.js';
import type { Plan } from './plans.js';

/** The state of a key's rate limit after a request. */
export interface Standing {
  /** Requests that are accepted at once after this one. */
  remaining: number;
  /** Seconds until {@link remaining} equals the burst. */
  reset: number;
  /** Seconds until a request is accepted; 0 when this one is. */
  retryAfter: number;
  /** The value of `RateLimit-Policy`. */
  policy: string;
}

interface Bucket {
  tokens: number;
  at: number;
}

const BUCKETS = 10_000;

/** A token bucket for each key: it holds a burst and is filled at the rate of the plan. */
export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Takes a token. @returns undefined where the plan has no rate */
  take({ key, plan }: Caller): Standing | undefined {
    const { requestsPerSecond: rate, burst } = plan;
    if (rate === null) return undefined;
    const now = this.now();
    const bucket = this.bucketOf(key, burst, now);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * rate);
    bucket.at = now;
    const passes = bucket.tokens >= 1;
    if (passes) bucket.tokens -= 1;
    return {
      remaining: Math.floor(bucket.tokens),
      reset: Math.ceil((burst - bucket.tokens) / rate),
      policy: policyOf(plan),
      retryAfter: passes ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / rate)),
    };
  }

  private bucketOf(key: string, burst: number, now: number): Bucket {
    const known = this.buckets.get(key);
    if (known) return known;
    // The oldest bucket is most likely full again, as a new one is.
    if (this.buckets.size >= BUCKETS) this.buckets.delete(this.buckets.keys().next().value!);
    const bucket = { tokens: burst, at: now };
    this.buckets.set(key, bucket);
    return bucket;
  }
}

const policies = new WeakMap<Plan, string>();

/** Returns the `RateLimit-Policy` of a plan: the burst, and the seconds in which it refills. */
function policyOf(plan: Plan): string {
  let policy = policies.get(plan);
  if (policy === undefined) {
    const seconds = Math.max(1, Math.ceil(plan.burst / (plan.requestsPerSecond ?? 1)));
    policy = `"requests";q=${plan.burst};w=${seconds}`;
    policies.set(plan, policy);
  }
  return policy;
}
