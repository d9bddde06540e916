import type { FastifyBaseLogger } from 'fastify';
import type { DatasetServices } from '../datasets/routes.js';

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
  const sweep = async (): Promise<void> => {
    try {
      const { datasets, uploads } = await load();
      await datasets.sweep(new Date(Date.now() - SCRATCH_LIFE_MS));
      await uploads.sweep(new Date(Date.now() - EXPIRED_MS));
    } catch (error) {
      logger.error({ err: error }, 'old scratch of the datasets could not be removed');
    }
  };
  void sweep();
  return setInterval(sweep, HOUR_MS).unref();
}
