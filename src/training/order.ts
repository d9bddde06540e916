import { type Static, Type } from 'typebox';
import { BY_SECONDS } from '../jobs/index.js';
import type { Job, JobKind } from '../jobs/port.js';
import type { Lineage, SearchReport } from '../registry/index.js';
import type { Decision } from './gate.js';

const strict = { additionalProperties: false } as const;

export const MOST_TRIALS = 81;

/** A search of hyperparameters, as clients ask for it. */
export const SearchRequest = Type.Object(
  {
    trials: Type.Integer({
      minimum: 2,
      maximum: MOST_TRIALS,
      description: 'Number of sets of hyperparameters to try, including that of the spec.',
    }),
    seed: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Equal seeds give equal trials.' }),
    ),
  },
  strict,
);
export type SearchRequest = Static<typeof SearchRequest>;

/** Order of a training job. */
export const TrainingOrder = Type.Object(
  {
    reason: Type.Union([Type.Literal('fit'), Type.Literal('arrival'), Type.Literal('manual')], {
      description: 'Cause: a model was fitted, a batch arrived, or a request.',
    }),
    search: Type.Optional(SearchRequest),
    remarks: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Columns that the drafted spec leaves out, for the log.',
      }),
    ),
  },
  strict,
);
export type TrainingOrder = Static<typeof TrainingOrder>;

/** Result of a training job. */
export interface TrainingResult {
  /** Unchanged: there was nothing new to train on. */
  outcome: 'promoted' | 'refused' | 'unchanged';
  version: string;
  lineage: Lineage;
  /** The gate's decision, if it had to decide. */
  decision?: Decision;
  search?: SearchReport;
}

/** The kind of job that trains a model; those of one model run one at a time. */
export const TRAINING = {
  kind: 'training',
  order: TrainingOrder,
  lane: (model: string) => `training:${model}`,
  meter: BY_SECONDS,
  // It would train from the beginning, and fill the next function too.
  restartable: false,
} satisfies JobKind;

/** Returns the result of a training; undefined until it succeeded. */
export function resultOf({ kind, result }: Job): TrainingResult | undefined {
  return kind === TRAINING.kind ? (result as TrainingResult | undefined) : undefined;
}
