import type { Static } from 'typebox';
import * as Type from 'typebox';
import { BY_ROWS } from '../../jobs/index.js';
import type { Job, JobKind } from '../../jobs/port.js';
import type { InputFacts } from '../port.js';

const asked = {
  version: Type.Optional(
    Type.String({ description: 'The version that predicts; the champion by default.' }),
  ),
  remarks: Type.Optional(
    Type.Readonly(
      Type.Array(Type.String(), { description: 'Inferences about the format of the rows.' }),
    ),
  ),
};

/** Request that a job of a batch prediction stores: its input is sent rows, or a dataset. */
export const BatchOrder = Type.Union([
  Type.Object({ input: Type.Unsafe<InputFacts>({ type: 'object' }), ...asked }),
  Type.Object({
    dataset: Type.String(),
    batches: Type.Integer({
      description: 'Number of its batches when it was submitted: only these are read.',
    }),
    rows: Type.Integer({ description: 'Valid rows in these.' }),
    ...asked,
  }),
]);
export type BatchOrder = Static<typeof BatchOrder>;

/** The kind of job that predicts many rows, without a lane. */
export const BATCH_PREDICTION = {
  kind: 'batch-prediction',
  order: BatchOrder,
  meter: BY_ROWS,
  restartable: true,
} satisfies JobKind;

/** Decides whether two orders are of the same request: a dataset may grow between them. */
export function isSameRequest(a: BatchOrder, b: BatchOrder): boolean {
  return requestOf(a) === requestOf(b);
}

function requestOf(order: BatchOrder): string {
  const { version } = order;
  const source =
    'input' in order ? [order.input.format, order.input.checksum] : ['dataset', order.dataset];
  return JSON.stringify([...source, version]);
}

/** Returns the paths of the result of a job. */
export function linksOf({ model, id }: Pick<Job, 'model' | 'id'>) {
  const path = `/models/${encodeURIComponent(model)}/batch-predictions/${id}`;
  return { result: `${path}/result`, rejects: `${path}/rejects` };
}
