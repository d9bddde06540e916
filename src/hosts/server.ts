import pino from 'pino';
import { compose } from '../compose.js';
import { hasAdminRoutes, readConfig } from '../config.js';
import { LapidaryError } from '../core/errors.js';
import { buildApp } from '../http/app.js';
import { logModels } from '../http/logging.js';
import { CHAMPION } from '../registry/service.js';
import { watchAliases } from '../registry/watch.js';
import { reconcileTraining, sweepDatasets } from './sweep.js';

const LOG_FLUSH_MS = 1000;
const IDLE_CHECK_MS = 50;

/** Serves over HTTP until told to stop; then finishes what is running and exits. */
export async function main(): Promise<void> {
  const config = readConfig();
  // Log lines are gathered: a system call for each would cost more than a prediction.
  const destination = pino.destination({ sync: false, minLength: 4096 });
  const flushing = setInterval(() => destination.flush(), LOG_FLUSH_MS);
  const logger = pino({ level: config.LOG_LEVEL }, destination);

  const refreshMs = config.MODEL_REFRESH_S * 1000;
  const admin = hasAdminRoutes(config);
  const keeping = {
    requestsLook: refreshMs === 0,
    onUnsubmitted: (error: unknown, dataset: string) =>
      logger.error({ err: error, dataset }, 'a training could not be submitted yet'),
    ...(admin && {
      jobWorkers: {
        trained: (model: string) => void registry.recheck(model),
        died: (exit: object) => logger.error(exit, 'a worker died; it is started again'),
      },
    }),
  };
  const { registry, versions, predictions, ...others } = compose(config, keeping);
  const { datasets, jobs, fitting, follower, resumeJobs, stopJobs } = others;
  logModels({ registry, predictions }, logger);
  const limits = { bodyBytes: config.BODY_LIMIT_BYTES, maxInstances: config.MAX_INSTANCES };
  const app = buildApp({
    registry,
    versions,
    predictions,
    ...(admin && { datasets, jobs, fitting }),
    logger,
    limits,
    admin,
  });
  const sweeping: NodeJS.Timeout[] = [];

  let endWatching = () => {};
  const stop = async (signal: string): Promise<void> => {
    logger.info({ signal }, 'stopping');
    endWatching();
    clearInterval(flushing);
    for (const timer of sweeping) clearInterval(timer);
    destination.flush();
    const tooLong = setTimeout(() => {
      logger.error('requests were still running; stopped all the same');
      destination.flushSync();
      process.exit(1);
    }, config.SHUTDOWN_GRACE_MS);
    // A connection that was busy when the server began to close is kept alive after its answer.
    const closingIdle = setInterval(() => app.server.closeIdleConnections(), IDLE_CHECK_MS);
    await Promise.all([app.close(), stopJobs()]);
    clearInterval(closingIdle);
    clearTimeout(tooLong);
    destination.flushSync();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);

  try {
    const served = await registry.loadAll();
    // What never served is no reason to go on without: better the server before this one stays.
    const unserved = registry.degraded().find(({ alias }) => alias === CHAMPION);
    if (unserved) throw new LapidaryError('version_corrupt', unserved.reason);
    logger.info(
      { models: served.map(({ version }) => `${version.spec.name}@${version.id}`) },
      'models loaded',
    );
    if (refreshMs > 0) endWatching = watchAliases(registry, refreshMs);
    await app.listen({ host: config.HOST, port: config.PORT });
    if (admin) {
      sweeping.push(sweepDatasets(datasets, logger), reconcileTraining(follower, logger));
      // Without jobs, it predicts all the same.
      await resumeJobs().catch((error: unknown) =>
        logger.error({ err: error }, 'the jobs could not be reached'),
      );
    }
    destination.flush();
  } catch (error) {
    logger.fatal({ err: error }, 'the server could not start');
    destination.flushSync();
    process.exit(1);
  }
}
