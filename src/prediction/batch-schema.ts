import { type Static, Type } from 'typebox';
import { JOB_STATES, type Job } from '../jobs/job.js';

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
    'Rows: CSV with a header, or a JSON object a line. `Content-Encoding: gzip` is taken.',
});

const Moment = Type.String({ description: 'ISO 8601.' });

export const BatchPredictionJob = Type.Object({
  id: Type.String(),
  kind: Type.Literal('batch-prediction'),
  model: Type.String(),
  state: Type.Union(JOB_STATES.map((state) => Type.Literal(state))),
  attempts: Type.Integer({ description: 'How often it was begun.' }),
  progress: Type.Optional(Type.Object({ phase: Type.String(), fraction: Type.Number() })),
  metrics: Type.Optional(Type.Record(Type.String(), Type.Number())),
  result: Type.Optional(
    Type.Object({
      version: Type.String({ description: 'The version that answered.' }),
      rows: Type.Integer({ description: 'Rows that were answered.' }),
      rejected: Type.Integer({ description: 'Rows that could not be.' }),
      checksum: Type.String({ description: 'SHA-256 of the result, in hexadecimal.' }),
      bytes: Type.Integer(),
      links: Type.Object({ result: Type.String(), rejects: Type.String() }),
    }),
  ),
  error: Type.Optional(Type.Object({ code: Type.String(), detail: Type.String() })),
  submittedAt: Moment,
  startedAt: Type.Optional(Moment),
  endedAt: Type.Optional(Moment),
});

/** A job as {@link BatchPredictionJob} shows it. */
export function showJob({ order: _o, lane: _l, revision: _r, ...shown }: Job) {
  return shown;
}
