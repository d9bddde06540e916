import { JOB_KINDS } from '../compose/capabilities.js';
import { allowedOrigins, hasAdminRoutes, readConfig } from '../compose/config.js';
import { compose } from '../compose/index.js';
import { placesOf, unwritable } from '../compose/places.js';
import { LapidaryError } from '../core/errors.js';
import { isLoopback } from '../core/origin.js';
import { storageFailure } from '../core/storage-failure.js';
import { buildApp } from '../http/app.js';
import { Load } from '../http/protect/load.js';
import { CHAMPION, watchAliases } from '../serving/service.js';
import { openGuard } from './guard.js';
import { logFormat } from './log-format.js';
import { openLogOutput } from './log-output.js';
import { logSignals } from './log-signals.js';
import { newLogger } from './logger.js';
import { sharesOf } from './shares.js';
import { keepTicksFast } from './ticks.js';
import { startUpkeep } from './upkeep.js';

const LOG_FLUSH_MS = 1000;
/** Some hundred lines. */
const LOG_GATHERED = 1 << 15;
const IDLE_CHECK_MS = 50;

/** Serves over HTTP until a signal stops it; then it finishes the running requests and exits. */
export async function main(): Promise<void> {
  const config = readConfig();
  keepTicksFast();
  // A system call for each line would cost more than a prediction.
  const format = await logFormat(config.LOG_FORMAT);
  const destination = openLogOutput({ sync: false, gather: format ? 0 : LOG_GATHERED });
  const logger = newLogger(config.LOG_LEVEL, { destination, format });

  const refreshMs = config.MODEL_REFRESH_S * 1000;
  const admin = hasAdminRoutes(config);
  const app = await compose(config, {
    requestsLook: refreshMs === 0,
    signals: logSignals(logger),
    ...(admin && {
      jobWorkers: ({ client, model }) => void app.workspaceOf(client).registry.recheck(model),
    }),
  });
  const guard = await openGuard(config, app.access);
  const flushing = setInterval(() => destination.flush(), LOG_FLUSH_MS);
  const limits = {
    bodyBytes: config.BODY_LIMIT_BYTES,
    maxInstances: config.MAX_INSTANCES,
    handlerMs: config.HANDLER_TIMEOUT_S * 1000,
  };
  const load = new Load({ requests: config.MAX_REQUESTS, delayMs: config.MAX_DELAY_MS });
  const web = {
    origins: allowedOrigins(config),
    basePath: config.BASE_PATH,
    thisMachine: config.ACCESS === 'auto' && isLoopback(config.HOST),
  };
  const clientTimeouts = {
    headersMs: config.HEADERS_TIMEOUT_S * 1000,
    idleMs: config.IDLE_TIMEOUT_S * 1000,
  };
  const invocationsModel = config.INVOCATIONS_MODEL;
  const shares = sharesOf(config);
  const hosting = { logger, limits, load, shares, web, clientTimeouts, invocationsModel, admin };
  const api = buildApp({
    ...app,
    jobKinds: JOB_KINDS,
    ...(guard && { guard }),
    ...(admin && { loaded: app.preload }),
    ...hosting,
  });

  let endWatching = () => {};
  let endUpkeep = async () => {};
  const stop = async (signal: string): Promise<void> => {
    logger.info({ signal }, 'stopping');
    endWatching();
    clearInterval(flushing);
    destination.flush();
    const tooLong = setTimeout(() => {
      logger.error('requests were still running when the grace period ended');
      destination.flushSync();
      process.exit(1);
    }, config.SHUTDOWN_GRACE_MS);
    // A connection that was busy when the server began to close is kept alive after its answer.
    const closingIdle = setInterval(() => api.server.closeIdleConnections(), IDLE_CHECK_MS);
    await Promise.all([api.close(), endUpkeep().then(() => app.stop())]);
    await guard?.services().close();
    clearInterval(closingIdle);
    clearTimeout(tooLong);
    destination.flushSync();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);

  try {
    if (admin) await app.verify();
    const failure = admin ? await unwritable(config) : undefined;
    if (failure)
      logger.warn(
        { directory: config.DATA_DIR, reason: failure.message },
        'DATA_DIR is not writable: predictions are answered, but nothing can be stored',
      );
    const served = await app.operator.registry.loadAll();
    // A champion that cannot be served fails the start, so that a deployment keeps the previous server.
    const unserved = app.operator.registry.degraded().find(({ alias }) => alias === CHAMPION);
    if (unserved) throw new LapidaryError('version_corrupt', unserved.reason);
    logger.info(
      { models: served.map(({ version }) => `${version.spec.name}@${version.id}`) },
      'models loaded',
    );
    if (served.length === 0)
      logger.warn({ directory: placesOf(config).models }, 'there are no models to serve yet');
    if (refreshMs > 0) endWatching = watchAliases(app, refreshMs);
    await api.listen({ host: config.HOST, port: config.PORT });
    if (admin) {
      app.preload().catch((error) => logger.fatal({ err: error }, 'the server is not ready'));
      endUpkeep = startUpkeep(app, config, logger);
    }
    destination.flush();
  } catch (error) {
    const known = error instanceof LapidaryError ? error : storageFailure(error, 'reading');
    const what = known ? { code: known.code, reason: known.message } : { err: error };
    logger.fatal(what, `the server could not start${remedyFor(error, config.PORT)}`);
    destination.flushSync();
    process.exit(1);
  }
}

function remedyFor(error: unknown, port: number): string {
  const { code } = Object(error) as { code?: unknown };
  return code === 'EADDRINUSE' ? `: port ${port} is in use, set PORT to another one` : '';
}
