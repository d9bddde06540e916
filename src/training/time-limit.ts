import { LapidaryError } from '../core/errors.js';

/**
 * Runs a training that fails when it takes too long.
 * @param mostSeconds that it may take
 * @param run heeds the signal that it is given
 * @param signal aborts it before that
 * @throws LapidaryError `job_too_long`
 */
export async function withinTime<Result>(
  mostSeconds: number,
  run: (signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const limit = new AbortController();
  const detail = `the training takes longer than TRAINING_MAX_S allows, ${mostSeconds} s: train fewer epochs or a smaller network, or raise the limit`;
  const stop = () => limit.abort(new LapidaryError('job_too_long', detail));
  const timer = setTimeout(stop, mostSeconds * 1000);
  try {
    return await run(signal ? AbortSignal.any([signal, limit.signal]) : limit.signal);
  } finally {
    clearTimeout(timer);
  }
}
