import type { FastifyBaseLogger } from 'fastify';
import type { DatasetServices } from '../datasets/routes.js';
import type { Follower } from '../training/follow.js';

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

/**
 * Submits the trainings that were forgotten, as by a crash between a batch and its job: now and every hour
 * until the timer is cleared.
 */
export function reconcileTraining(
  load: () => Promise<Follower>,
  logger: FastifyBaseLogger,
): NodeJS.Timeout {
  const reconcile = async (): Promise<void> => {
    try {
      for (const { id, model } of await (await load()).reconcile())
        logger.info({ job: id, model }, 'its dataset has grown: a training was submitted');
    } catch (error) {
      logger.error({ err: error }, 'models could not be compared with their datasets');
    }
  };
  void reconcile();
  return setInterval(reconcile, HOUR_MS).unref();
}
