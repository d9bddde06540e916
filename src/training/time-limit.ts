import { LapidaryError } from '../core/errors.js';

/**
 * Runs a training with a time limit.
 * @param mostSeconds the limit
 * @param run stops when its signal aborts
 * @param signal aborts it earlier
 * @throws LapidaryError `job_too_long`
 */
export async function withinTime<Result>(
  mostSeconds: number,
  run: (signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const limit = new AbortController();
  const detail = `the training exceeds TRAINING_MAX_S, ${mostSeconds} s: train fewer epochs or a smaller network, or raise the limit`;
  const stop = () => limit.abort(new LapidaryError('job_too_long', detail));
  const timer = setTimeout(stop, mostSeconds * 1000);
  try {
    return await run(signal ? AbortSignal.any([signal, limit.signal]) : limit.signal);
  } finally {
    clearTimeout(timer);
  }
}
