import { readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import { newLogger } from '../logger.js';
import { createTrainer } from './trainer-handler.js';

// Lambda waits for this module before the first event: what is done here is done once an instance.
const config = readConfig();
// The process may freeze after any answer, so each line is written before it.
const logger = newLogger(config.LOG_LEVEL);
const work = await (await compose(config)).trainer({
  onError: (error, { id, kind, model }) =>
    logger.error({ err: error, job: id, kind, model }, 'a job failed by our fault'),
  // infra/alarms.tf counts these lines for the alarm of failed trainings.
  onFailed: ({ id, kind, client, model, error }) =>
    logger.error({ job: id, kind, client, model, error }, 'a job failed'),
});

export const handler = createTrainer({ ...work, logger });
