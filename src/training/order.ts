import type { Static } from 'typebox';
import * as Type from 'typebox';
import { BY_SECONDS } from '../jobs/index.js';
import type { Job, JobKind } from '../jobs/port.js';
import type { Lineage, SearchReport } from '../registry/index.js';
import type { Decision } from './gate.js';

const strict = { additionalProperties: false } as const;

const MOST_TRIALS = 81;

/** A request to search hyperparameters. */
export const SearchRequest = Type.Object(
  {
    trials: Type.Integer({
      minimum: 2,
      maximum: MOST_TRIALS,
      description: 'Number of sets of hyperparameters to try, including the given one.',
    }),
    seed: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Equal seeds try the same sets.' }),
    ),
  },
  strict,
);
export type SearchRequest = Static<typeof SearchRequest>;

/** Request that a training job stores. */
export const TrainingOrder = Type.Object(
  {
    reason: Type.Union([Type.Literal('fit'), Type.Literal('arrival'), Type.Literal('manual')], {
      description: 'A fitted model, a new batch, or a manual request.',
    }),
    search: Type.Optional(SearchRequest),
    remarks: Type.Optional(
      Type.Array(Type.String(), { description: 'Features that were left out, for the log.' }),
    ),
  },
  strict,
);
export type TrainingOrder = Static<typeof TrainingOrder>;

/** Result of a training job. */
export interface TrainingResult {
  /** `unchanged` if a version of the same data and spec exists. */
  outcome: 'promoted' | 'refused' | 'unchanged';
  version: string;
  lineage: Lineage;
  /** The gate's decision; undefined if unchanged. */
  decision?: Decision;
  search?: SearchReport;
}

/** The kind of job that trains a model; the jobs of a model run one at a time. */
export const TRAINING = {
  kind: 'training',
  order: TrainingOrder,
  lane: (model: string) => `training:${model}`,
  meter: BY_SECONDS,
  // A restart would train from the beginning and exceed the time limit again.
  restartable: false,
} satisfies JobKind;

/** Returns the result of a training; undefined until it succeeds. */
export function resultOf({ kind, result }: Job): TrainingResult | undefined {
  return kind === TRAINING.kind ? (result as TrainingResult | undefined) : undefined;
}
