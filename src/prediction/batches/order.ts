import type { Job } from '../../jobs/job.js';
import type { InputFacts } from '../port.js';

/** Where the rows of a batch prediction come from: what was sent, or a dataset. */
export type BatchSource =
  | { input: InputFacts }
  | {
      dataset: string;
      /** How many batches there were when it was ordered: they are read, and none that came later. */
      batches: number;
      /** Good rows in them. */
      rows: number;
    };

/** What a batch prediction is to do. */
export type BatchOrder = BatchSource & {
  /** The version that answers; the champion when the job begins, when left out. */
  version?: string;
  /** What was inferred of how the rows that were sent are written. */
  remarks?: readonly string[];
};

export function orderOf(job: Job): BatchOrder {
  return job.order as BatchOrder;
}

/** Whether an order is what another was asked for with: a dataset may have grown between them. */
export function isSameRequest(a: BatchOrder, b: BatchOrder): boolean {
  return requestOf(a) === requestOf(b);
}

function requestOf(order: BatchOrder): string {
  const { version } = order;
  const asked =
    'input' in order ? [order.input.format, order.input.checksum] : ['dataset', order.dataset];
  return JSON.stringify([...asked, version]);
}

/** Where what came of a job can be downloaded. */
export function linksOf({ model, id }: Pick<Job, 'model' | 'id'>) {
  const path = `/models/${encodeURIComponent(model)}/batch-predictions/${id}`;
  return { result: `${path}/result`, rejects: `${path}/rejects` };
}
