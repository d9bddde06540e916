import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { LapidaryError } from '../core/errors.js';
import type { Lineage, SearchReport } from '../registry/index.js';
import type { Decision } from './gate.js';

const strict = { additionalProperties: false } as const;

export const MOST_TRIALS = 81;

/** How hyperparameters are searched for, as a client says it. */
export const SearchRequest = Type.Object(
  {
    trials: Type.Integer({
      minimum: 2,
      maximum: MOST_TRIALS,
      description: 'How many sets of hyperparameters are tried, the given one among them.',
    }),
    seed: Type.Optional(Type.Integer({ minimum: 0, description: 'Equal seeds try the same.' })),
  },
  strict,
);
export type SearchRequest = Static<typeof SearchRequest>;

/** What a training job is to do. */
export const TrainingOrder = Type.Object(
  {
    reason: Type.Union([Type.Literal('fit'), Type.Literal('arrival'), Type.Literal('manual')], {
      description: 'A model was fitted, a batch arrived, or somebody asked.',
    }),
    search: Type.Optional(SearchRequest),
    remarks: Type.Optional(
      Type.Array(Type.String(), { description: 'What drafting the spec left out, for the log.' }),
    ),
  },
  strict,
);
export type TrainingOrder = Static<typeof TrainingOrder>;

/** What came of a training job. */
export interface TrainingResult {
  /** Unchanged: there was nothing new to train on. */
  outcome: 'promoted' | 'refused' | 'unchanged';
  version: string;
  lineage: Lineage;
  /** What the gate said; none where it was not asked. */
  decision?: Decision;
  search?: SearchReport;
}

/** Training jobs of one model run one at a time. */
export const laneOf = (model: string) => `training:${model}`;

/** @throws LapidaryError `invalid_request` */
export function parseOrder(order: unknown): TrainingOrder {
  if (Check(TrainingOrder, order)) return order;
  throw new LapidaryError('invalid_request', 'that is no order of a training job');
}
