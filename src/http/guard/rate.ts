import type { FastifyReply } from 'fastify';
import type { Caller, RateLimiter } from '../../access/index.js';
import { LapidaryError } from '../../core/errors.js';

/**
 * Counts a request against the rate of its key, and adds the headers of draft-ietf-httpapi-ratelimit-headers.
 * @returns the error of a request above the rate
 */
export function keepRate(
  limiter: RateLimiter,
  caller: Caller,
  reply: FastifyReply,
): LapidaryError | undefined {
  const standing = limiter.take(caller);
  if (standing === undefined) return undefined;
  const { policy, remaining, reset, retryAfter } = standing;
  reply.header('ratelimit-policy', policy);
  reply.header('ratelimit', `"requests";r=${remaining};t=${reset}`);
  if (retryAfter === 0) return undefined;
  reply.header('retry-after', retryAfter);
  const { requestsPerSecond, burst } = caller.plan;
  const detail = `the plan ${caller.plan.name} allows ${requestsPerSecond} requests a second, and ${burst} at once`;
  return new LapidaryError('rate_limited', detail);
}
