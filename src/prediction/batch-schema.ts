import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false };
const Version = Type.Optional(
  Type.String({
    description: 'Version that answers; when left out, the champion as the job begins.',
  }),
);

export const BatchPredictionRequest = Type.Object(
  {
    dataset: Type.String({ description: 'All good rows that it has now are predicted.' }),
    version: Version,
  },
  strict,
);
export type BatchPredictionRequest = Static<typeof BatchPredictionRequest>;

export const BatchPredictionQuery = Type.Object({ version: Version }, strict);
export type BatchPredictionQuery = Static<typeof BatchPredictionQuery>;

export const BatchPredictionHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'The same key again, with the same body, answers the same job.',
    }),
  ),
});
export type BatchPredictionHeaders = Static<typeof BatchPredictionHeaders>;

/** The rows to predict; their columns are checked while they come, the rows by the job. */
export const RowsBody = Type.Unsafe<unknown>({
  description:
    'Rows: CSV with a header, or a JSON object a line, in UTF-8 or the `charset` of the content type. Gzip is taken.',
});
