import { readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import { logSignals } from '../log-signals.js';
import { newLogger } from '../logger.js';
import { createJobFunction } from './jobs-handler.js';

// Lambda waits for this module before the first event: what is done here is done once an instance.
const config = readConfig();
// The process may freeze after any answer, so each line is written before it.
const logger = newLogger(config.LOG_LEVEL);
const app = await compose(config, { requestsLook: false, signals: logSignals(logger) });

export const handler = createJobFunction({ ...(await app.jobFunction()), logger });
