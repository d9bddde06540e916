import type { JobRow } from '../jobs/port.js';
import type { TrainingWork } from './attempt.js';
import { TRAINING } from './order.js';

/**
 * Jobs that train a model and let the gate decide whether the version becomes its champion.
 * @param open opens what the jobs of a client work with
 * @param bytesOf returns how many bytes a model is trained on; undefined where that is unknown
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
