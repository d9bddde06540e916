import type { FastifyReply } from 'fastify';
import { type Caller, policyOf, type RateLimiter } from '../../access/index.js';
import { LapidaryError } from '../../core/errors.js';

/**
 * Takes a request off the rate of its key, and tells the client how it stands, as
 * draft-ietf-httpapi-ratelimit-headers has it.
 * @returns why the request may not pass, if so
 */
export function keepRate(
  limiter: RateLimiter,
  caller: Caller,
  reply: FastifyReply,
): LapidaryError | undefined {
  const standing = limiter.take(caller);
  if (standing === undefined) return undefined;
  const { remaining, reset, retryAfter } = standing;
  reply.header('ratelimit-policy', policyOf(caller.plan));
  reply.header('ratelimit', `"requests";r=${remaining};t=${reset}`);
  if (retryAfter === 0) return undefined;
  reply.header('retry-after', retryAfter);
  const { requestsPerSecond, burst } = caller.plan;
  const detail = `the plan ${caller.plan.name} allows ${requestsPerSecond} requests a second, and ${burst} at once`;
  return new LapidaryError('rate_limited', detail);
}
