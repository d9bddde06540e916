export {
  type AuditEntry,
  type AuditLog,
  audited,
  type ReadableAuditLog,
} from './audit.js';
export { auditKeys } from './audited-keys.js';
export type { Caller, Decision, Gate, Identity } from './gate.js';
export type { RateLimiter } from './limiter.js';
export type { AccessServices } from './open.js';
export type { Plan, PlanTerms } from './plans.js';
export { LOOK_AGAIN_MS, monthOf } from './quota.js';
export { usageCsv } from './usage.js';
