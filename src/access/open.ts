import { Gate } from './gate.js';
import { JobUsage } from './job-usage.js';
import { RateLimiter } from './limiter.js';
import { Meter } from './meter.js';
import type { AccessStore } from './port.js';
import { Quotas } from './quota.js';
import { AccessService } from './service.js';
import type { AccessServices } from './services.js';
import { UsageService } from './usage.js';
import type { UsageStore } from './usage-port.js';

/** Puts access together on its stores. @param rememberMs how long a key that was good is taken without looking again */
export function openAccess(
  store: AccessStore,
  usage: UsageStore,
  { rememberMs }: { rememberMs: number },
): AccessServices {
  const keys = new AccessService(store);
  const meter = new Meter(usage);
  const told = new UsageService(usage, store, keys);
  return {
    keys,
    gate: new Gate(store, rememberMs),
    limiter: new RateLimiter(),
    quotas: new Quotas(usage),
    meter,
    usage: told,
    jobUsage: new JobUsage(told, meter),
    async close() {
      await usage.close();
      await store.close();
    },
  };
}
