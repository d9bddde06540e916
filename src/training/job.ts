import type { JobRow } from '../jobs/port.js';
import type { TrainingWork } from './attempt.js';
import { TRAINING } from './order.js';

/**
 * Returns the kind of job that trains a model and lets the gate decide whether the version becomes its champion.
 * @param open opens what the jobs of a client work with
 * @param bytesOf returns the bytes of a model's training data; undefined if unknown
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
