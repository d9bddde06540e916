import type { Logger } from 'pino';
import type { Signals } from '../core/signals.js';

/** Returns signals whose events are lines of a log. Measurements are not logged. */
export function logSignals(logger: Pick<Logger, 'info' | 'warn' | 'error'>): Signals {
  return {
    counter() {},
    gauge() {},
    histogram() {},
    event: ({ level, message }, fields) => logger[level](fields as object, message),
  };
}
