import { Gate } from './gate.js';
import { JobUsage } from './job-usage.js';
import { RateLimiter } from './limiter.js';
import { Meter } from './meter.js';
import type { AccessStore, UsageStore } from './port.js';
import { Quotas } from './quota.js';
import { AccessService } from './service.js';
import { UsageService } from './usage.js';

/** The services of access, opened on its stores. */
export interface AccessServices {
  keys: AccessService;
  gate: Gate;
  limiter: RateLimiter;
  quotas: Quotas;
  meter: Meter;
  usage: UsageService;
  jobUsage: JobUsage;
  /** Closes the stores. */
  close(): Promise<void>;
}

/** Composes access on its stores. @param rememberMs milliseconds that an authorised key is cached */
export function openAccess(
  store: AccessStore,
  usage: UsageStore,
  { rememberMs }: { rememberMs: number },
): AccessServices {
  const keys = new AccessService(store);
  const meter = new Meter(usage);
  const reports = new UsageService(usage, store, keys);
  return {
    keys,
    gate: new Gate(store, rememberMs),
    limiter: new RateLimiter(),
    quotas: new Quotas(usage),
    meter,
    usage: reports,
    jobUsage: new JobUsage(reports, meter),
    async close() {
      await usage.close();
      await store.close();
    },
  };
}
