import { uuidv7 } from '../../src/core/ids.js';
import { OPERATOR } from '../../src/core/operator.js';
import type { Job } from '../../src/jobs/port.js';

/** Time 0 of tests that count milliseconds. */
export const START = Date.parse('2026-01-31T12:00:00Z');

/** Returns a queued job, submitted a number of milliseconds after the start. */
export function queuedJob(at = 0, change: Partial<Job> = {}): Job {
  const id = uuidv7(START + at);
  return {
    id,
    client: OPERATOR,
    kind: 'training',
    model: 'nuts',
    order: { epochs: 3 },
    lane: id,
    state: 'queued',
    attempts: 0,
    submittedAt: new Date(START + at).toISOString(),
    revision: 0,
    ...change,
  };
}
