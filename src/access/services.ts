import type { Gate } from './gate.js';
import type { JobUsage } from './job-usage.js';
import type { RateLimiter } from './limiter.js';
import type { Meter } from './meter.js';
import type { Quotas } from './quota.js';
import type { AccessService } from './service.js';
import type { UsageService } from './usage.js';

/** All that access has to offer, opened on its stores. */
export interface AccessServices {
  keys: AccessService;
  gate: Gate;
  limiter: RateLimiter;
  quotas: Quotas;
  meter: Meter;
  usage: UsageService;
  jobUsage: JobUsage;
  /** Afterwards nothing of it works. */
  close(): Promise<void>;
}
