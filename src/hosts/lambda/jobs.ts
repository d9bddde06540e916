import { readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import { logSignals } from '../log-signals.js';
import { newLogger } from '../logger.js';
import { createJobFunction } from './jobs-handler.js';

// Lambda loads this module before the first event, once per instance.
const config = readConfig();
// The process may freeze after any answer, so each log line is written before it.
const logger = newLogger(config.LOG_LEVEL);
const app = await compose(config, { requestsLook: false, signals: logSignals(logger) });

export const handler = createJobFunction({ ...(await app.jobFunction()), logger });
