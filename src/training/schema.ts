import type { Static } from 'typebox';
import * as Type from 'typebox';
import { SearchRequest } from './order.js';

const strict = { additionalProperties: false } as const;

/** The body of a request to fit a model. */
export const FitRequest = Type.Object(
  {
    dataset: Type.String({ description: 'Dataset to train on, with all its batches.' }),
    target: Type.Optional(
      Type.String({ description: "The column to predict; default: the dataset's target." }),
    ),
    spec: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          'A spec or parts of it: features, encoding, network and so on. The rest is inferred.',
      }),
    ),
    hyperparameters: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Hyperparameters that override the inferred ones.',
      }),
    ),
    search: Type.Optional(SearchRequest),
    gate: Type.Optional(
      Type.Object(
        {
          tolerance: Type.Number({
            minimum: 0,
            description:
              'How much worse than the champion a new version may be, as a share; default 0.01.',
          }),
        },
        strict,
      ),
    ),
    follow: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Whether a new batch starts training.',
      }),
    ),
  },
  strict,
);
export type FitRequest = Static<typeof FitRequest>;
