import type { FastifyBaseLogger } from 'fastify';
import { ROUND_MS } from '../chores/service.js';
import type { Config } from '../compose/config.js';
import type { App } from '../compose/index.js';

/**
 * Does the chores that are due, now and every five minutes. At the interval of JOB_POLL_S it starts workers for open
 * jobs, such as those of another process. Failures are logged, and predictions continue.
 * @returns a function that ends it, once the current chore is done
 */
export function startUpkeep(
  app: Pick<App, 'upkeep' | 'resumeJobs'>,
  config: Config,
  logger: FastifyBaseLogger,
): () => Promise<void> {
  const logFailure = (failure: string) => (error: unknown) => logger.error({ err: error }, failure);
  const resume = () => app.resumeJobs().catch(logFailure('the jobs could not be reached'));
  const doRound = async () => (await app.upkeep()).round();
  const doChores = () => doRound().catch(logFailure('the index of chores cannot be used'));
  void doChores().then(resume);
  const timers = [setInterval(doChores, ROUND_MS), setInterval(resume, config.JOB_POLL_S * 1000)];
  for (const timer of timers) timer.unref();
  return async () => {
    for (const timer of timers) clearInterval(timer);
    await app
      .upkeep()
      .then((upkeep) => upkeep.end(), logFailure('the index of chores cannot be used'));
  };
}
