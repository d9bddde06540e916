import type { JobRow } from '../jobs/port.js';
import type { BatchPredictionWork } from './batches/attempt.js';
import { BATCH_PREDICTION } from './batches/order.js';

/** Returns the kind of batch predictions. @param open opens the parts for the jobs of a client */
export function batchPredictionJobs(
  open: (client: string) => Promise<BatchPredictionWork>,
): JobRow<typeof BATCH_PREDICTION.order> {
  return {
    ...BATCH_PREDICTION,
    async handle(job, context) {
      const { predictBatch } = await import('./batches/attempt.js');
      return predictBatch(await open(job.client), job, context);
    },
    async discard({ client, id }) {
      await (await open(client)).store.remove(id);
    },
  };
}
