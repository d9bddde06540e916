import type { FastifyBaseLogger } from 'fastify';
import type { DatasetServices } from '../datasets/routes.js';
import type { BatchPredictionService } from '../prediction/batches/service.js';

const HOUR_MS = 3_600_000;
/** What crashes leave behind is that old when it goes: no append takes as long. */
const SCRATCH_LIFE_MS = 24 * HOUR_MS;
/** An upload that is being completed when it expires still gets done. */
const EXPIRED_MS = HOUR_MS;

/** Removes old scratch and expired uploads, now and every hour until the timer is cleared. */
export function sweepDatasets(
  load: () => Promise<DatasetServices>,
  logger: FastifyBaseLogger,
): NodeJS.Timeout {
  return everyHour(logger, 'old scratch of the datasets could not be removed', async () => {
    const { datasets, uploads } = await load();
    await datasets.sweep(new Date(Date.now() - SCRATCH_LIFE_MS));
    await uploads.sweep(new Date(Date.now() - EXPIRED_MS));
  });
}

/** Removes old batch predictions, now and every hour until the timer is cleared. */
export function sweepBatchPredictions(
  load: () => Promise<BatchPredictionService>,
  lifeHours: number,
  logger: FastifyBaseLogger,
): NodeJS.Timeout {
  return everyHour(logger, 'old batch predictions could not be removed', async () => {
    const service = await load();
    await service.sweep(new Date(Date.now() - lifeHours * HOUR_MS));
  });
}

function everyHour(
  logger: FastifyBaseLogger,
  failure: string,
  sweep: () => Promise<void>,
): NodeJS.Timeout {
  const attempt = () => sweep().catch((error) => logger.error({ err: error }, failure));
  void attempt();
  return setInterval(attempt, HOUR_MS).unref();
}
