import { requireSharedAccess } from '../../compose/access.js';
import { JOB_KINDS } from '../../compose/capabilities.js';
import { allowedOrigins, readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import { buildApp } from '../../http/app.js';
import { logSignals } from '../log-signals.js';
import { newLogger } from '../logger.js';
import { guardByInvoker } from './callers.js';
import { createHandler } from './handler.js';

// Lambda loads this module before the first event, once per instance.
const config = readConfig();
if (config.ACCESS !== 'open') requireSharedAccess(config);
// The process may freeze after any answer, so each log line is written before it.
const logger = newLogger(config.LOG_LEVEL);
// A timer would not run while the process is frozen: a request refreshes aliases that were read too long ago.
const app = await compose(config, {
  requestsLook: true,
  signals: logSignals(logger),
});
const { fitting, jobs, batchPredictions, ...always } = app.operator;
// Jobs outlive an instance, so their store must be shared.
const operator = config.JOBS_TABLE === '' ? always : { ...always, fitting, jobs, batchPredictions };
const { access, ...others } = app;
const api = buildApp({
  ...others,
  operator,
  jobKinds: JOB_KINDS,
  // Keys are issued in the table that the authorizer reads.
  ...(config.ACCESS_TABLE !== '' && { access }),
  // A gateway is public: it must identify callers, unless access is open.
  ...(config.ACCESS !== 'open' && { guard: guardByInvoker(access) }),
  logger,
  limits: { bodyBytes: config.BODY_LIMIT_BYTES, maxInstances: config.MAX_INSTANCES },
  web: { tls: true, origins: allowedOrigins(config), basePath: config.BASE_PATH },
  // A Lambda has no loopback address, so these routes must be enabled explicitly.
  admin: config.ADMIN_ROUTES === 'on',
});
// Each model is loaded by its first event, so that a cold start loads one only.
await api.ready();

export const handler = createHandler(api);
