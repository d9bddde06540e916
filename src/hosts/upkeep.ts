import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../compose/config.js';
import type { App } from '../compose/index.js';

const HOUR_MS = 3_600_000;

/**
 * Runs the chores now and every hour. At the interval of JOB_POLL_S it starts workers for open jobs, such as those of
 * another process. Failures are logged, and predictions continue.
 * @returns a function that ends it
 */
export function startUpkeep(
  app: Pick<App, 'doChores' | 'resumeJobs'>,
  config: Config,
  logger: FastifyBaseLogger,
): () => void {
  const logFailure = (failure: string) => (error: unknown) => logger.error({ err: error }, failure);
  const resume = () => app.resumeJobs().catch(logFailure('the jobs could not be reached'));
  const doAll = () => app.doChores().catch(logFailure('the clients could not be listed'));
  void doAll().then(resume);
  const timers = [setInterval(doAll, HOUR_MS), setInterval(resume, config.JOB_POLL_S * 1000)];
  for (const timer of timers) timer.unref();
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
