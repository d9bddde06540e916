import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../compose/config.js';
import type { App } from '../compose/index.js';

const HOUR_MS = 3_600_000;

/**
 * Does the chores now and every hour. As often as workers look for jobs, it starts workers for jobs that were left or
 * that another process has submitted. Failures are logged: predictions go on.
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
