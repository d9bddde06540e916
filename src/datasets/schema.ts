import type { Static } from 'typebox';
import * as Type from 'typebox';
import { pageOf } from '../api/page.js';
import { DatasetDefinition } from './definition.js';
import type { Appended, DatasetDescription } from './service.js';

const strict = { additionalProperties: false };
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 in hexadecimal.' });
const Format = Type.Union([Type.Literal('csv'), Type.Literal('ndjson')]);
const Moment = Type.String({ format: 'date-time' });

/** Maximum parts of an upload. */
export const MAX_PARTS = 10_000;

export const Batch = Type.Object({
  id: Type.String({ description: 'The first 16 digits of the checksum.' }),
  format: Format,
  checksum: Sha256,
  bytes: Type.Integer({ description: 'Decompressed.' }),
  rows: Type.Integer({ description: 'Good rows.' }),
  quarantined: Type.Integer({ description: 'Bad rows, which are not trained on.' }),
  committedAt: Moment,
});

export const AppendedBatch = Type.Object({
  ...Batch.properties,
  remarks: Type.Optional(
    Type.Array(Type.String(), { description: 'Inferences about the format.' }),
  ),
});

const Totals = Type.Object({
  batches: Type.Integer(),
  rows: Type.Integer(),
  quarantined: Type.Integer(),
  bytes: Type.Integer(),
});

const name = Type.String();

/** A definition with its name. */
export const NamedDefinition = Type.Object({ name, ...DatasetDefinition.properties });

export const Dataset = Type.Object({
  ...NamedDefinition.properties,
  totals: Totals,
  ...pageOf(Batch, 'Its batches, in the order in which they were appended.').properties,
});

export const DatasetList = pageOf(Type.Object({ name, totals: Totals }));

/** The rows of a batch, which are checked while they are received. */
export const BatchBody = Type.Unsafe<unknown>({
  description:
    'Rows: CSV with a header, or a JSON object a line, in UTF-8 or the `charset` of the content type. Gzip is accepted.',
});

export const PartBody = Type.Unsafe<unknown>({ description: 'Bytes of the part.' });

export const UploadRequest = Type.Object(
  {
    format: Type.Optional(Format),
    compression: Type.Optional(
      Type.Literal('gzip', { description: 'All parts together are one gzip file.' }),
    ),
    charset: Type.Optional(
      Type.String({ description: 'Charset of all parts together; UTF-8 by default.' }),
    ),
  },
  strict,
);
export type UploadRequest = Static<typeof UploadRequest>;

const PartNumber = Type.Integer({ minimum: 1, maximum: MAX_PARTS });

export const CompleteRequest = Type.Object(
  {
    parts: Type.Array(Type.Object({ number: PartNumber, checksum: Sha256 }, strict), {
      minItems: 1,
      maxItems: MAX_PARTS,
      description: 'All parts in order of their numbers, starting with 1.',
    }),
  },
  strict,
);
export type CompleteRequest = Static<typeof CompleteRequest>;

export const Part = Type.Object({
  number: PartNumber,
  checksum: Sha256,
  bytes: Type.Integer(),
});

export const Upload = Type.Object({
  id: Type.String(),
  format: Format,
  compression: Type.Optional(Type.Literal('gzip')),
  charset: Type.Optional(Type.String()),
  expiresAt: Moment,
  partBytes: Type.Integer({ description: 'Largest part.' }),
  maxParts: Type.Integer(),
  parts: Type.Array(Part, { description: 'Parts that were received.' }),
  batch: Type.Optional(Type.String({ description: 'The batch, once completed.' })),
});

/** Returns a batch as {@link AppendedBatch} describes it. */
export const showAppended = ({ batch, remarks }: Appended) => ({
  ...batch,
  ...(remarks && { remarks: [...remarks] }),
});

/** Returns a dataset as {@link Dataset} describes it. */
export const showDataset = ({ name, definition, totals, batches }: DatasetDescription) => ({
  name,
  ...definition,
  totals,
  ...batches,
});
