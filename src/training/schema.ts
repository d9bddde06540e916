import { type Static, Type } from 'typebox';
import { SearchRequest } from './order.js';

const strict = { additionalProperties: false } as const;

/** What a model is fitted to. */
export const FitRequest = Type.Object(
  {
    dataset: Type.String({ description: 'All its batches are what the model is trained on.' }),
    target: Type.Optional(
      Type.String({ description: "The column to predict; the dataset's target when left out." }),
    ),
    spec: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          'A spec, or parts of one: features, encoding, network and so on. The rest is inferred.',
      }),
    ),
    hyperparameters: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Some hyperparameters, in place of what is inferred.',
      }),
    ),
    search: Type.Optional(SearchRequest),
    gate: Type.Optional(
      Type.Object(
        {
          tolerance: Type.Number({
            minimum: 0,
            description:
              'How much worse than the champion a new version may be, as a share; 0.01 when left out.',
          }),
        },
        strict,
      ),
    ),
    follow: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Whether the model is trained again when a batch arrives.',
      }),
    ),
  },
  strict,
);
export type FitRequest = Static<typeof FitRequest>;
