import type { Static } from 'typebox';
import * as Type from 'typebox';

const strict = { additionalProperties: false };
const Version = Type.Optional(
  Type.String({
    description: 'Version that predicts; the champion at the start of the job by default.',
  }),
);

export const BatchPredictionRequest = Type.Object(
  {
    dataset: Type.String({
      description: 'The dataset whose valid rows are predicted, as it is now.',
    }),
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
      description: 'A repeated key with the same body returns the same job.',
    }),
  ),
});
export type BatchPredictionHeaders = Static<typeof BatchPredictionHeaders>;

/** Rows to predict. Their columns are checked on arrival, the rows by the job. */
export const RowsBody = Type.Unsafe<unknown>({
  description:
    'Rows: CSV with a header, or a JSON object per line, in UTF-8 or the `charset` of the content type; also gzipped.',
});
