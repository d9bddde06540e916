import { requireSharedAccess } from '../../compose/access.js';
import { allowedOrigins, readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import { JOB_KINDS } from '../../compose/job-table.js';
import { buildApp } from '../../http/app.js';
import { logSignals } from '../log-signals.js';
import { newLogger } from '../logger.js';
import { guardByInvoker } from './callers.js';
import { createHandler } from './handler.js';

// Lambda waits for this module before the first event: what is done here is done once an instance.
const config = readConfig();
if (config.ACCESS !== 'open') requireSharedAccess(config);
// The process may freeze after any answer, so each line is written before it.
const logger = newLogger(config.LOG_LEVEL);
// A timer would not run while the process is frozen: a request that finds the last look too old looks itself.
const app = await compose(config, {
  requestsLook: true,
  signals: logSignals(logger),
});
const { fitting, jobs, batchPredictions, ...operator } = app.operator;
const { access, ...others } = app;
const api = buildApp({
  ...operator,
  ...others,
  jobKinds: JOB_KINDS,
  // Keys are given out where the authorizer keeps them.
  ...(config.ACCESS_TABLE !== '' && { access }),
  // Jobs outlive an instance, so their store must be one that all share.
  ...(config.JOBS_TABLE !== '' && { fitting, jobs, batchPredictions }),
  // Whoever has the URL can reach a gateway: it has to say who calls, unless everybody may.
  ...(config.ACCESS !== 'open' && { guard: guardByInvoker(access) }),
  logger,
  limits: { bodyBytes: config.BODY_LIMIT_BYTES, maxInstances: config.MAX_INSTANCES },
  web: { tls: true, origins: allowedOrigins(config), basePath: config.BASE_PATH },
  // There is no address that only this machine could call, so they have to be asked for.
  admin: config.ADMIN_ROUTES === 'on',
});
// A model is loaded by the first event that asks for it: a cold start pays for no other.
await api.ready();

export const handler = createHandler(api);
