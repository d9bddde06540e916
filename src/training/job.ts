import type { JobRow } from '../jobs/port.js';
import type { TrainingWork } from './attempt.js';
import { TRAINING } from './order.js';

/**
 * Defines jobs that train a model and let the gate decide whether the version becomes its champion.
 * @param open opens the services for the jobs of a client
 * @param bytesOf returns the number of bytes that a model is trained on; undefined if unknown
 */
export function trainingJobs(
  open: (client: string) => Promise<TrainingWork>,
  bytesOf: NonNullable<JobRow['bytesOf']>,
): JobRow<typeof TRAINING.order> {
  return {
    ...TRAINING,
    async handle(job, context) {
      const { train } = await import('./attempt.js');
      return train(await open(job.client), job, context);
    },
    bytesOf,
  };
}
