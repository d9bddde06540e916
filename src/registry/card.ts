import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Metrics } from '../ml/metrics/metrics.js';

/** The inputs of a version. Equal lineages make equal versions. */
export const Lineage = Type.Object({
  spec: Type.String({ description: 'SHA-256 of the spec before training.' }),
  data: Type.Object({
    dataset: Type.Optional(Type.String()),
    batches: Type.Optional(
      Type.Array(Type.String(), { description: 'Ids of its batches, in order.' }),
    ),
    rows: Type.Optional(Type.Integer({ description: 'Good rows of the batches.' })),
    checksum: Type.Optional(Type.String({ description: 'SHA-256 of data other than a dataset.' })),
  }),
  seed: Type.Integer(),
  search: Type.Optional(Type.Object({ trials: Type.Integer(), seed: Type.Integer() })),
  code: Type.String({ description: 'The version of Lapidary.' }),
});
export type Lineage = Static<typeof Lineage>;

/** Trials of a search for hyperparameters. */
export const SearchReport = Type.Object({
  best: Type.Integer({ description: 'The trial whose hyperparameters are used.' }),
  trials: Type.Array(
    Type.Object({
      trial: Type.Integer({ description: '0 has the hyperparameters of the spec.' }),
      hyperparameters: Type.Record(Type.String(), Type.Unknown()),
      epochs: Type.Integer({ description: 'Maximum number of epochs.' }),
      validation: Type.Optional(
        Type.Number({
          description: 'Score on the validation part; missing where training diverged.',
        }),
      ),
    }),
  ),
});
export type SearchReport = Static<typeof SearchReport>;

/** Proof of the compiled plan. */
const Parity = Type.Object({
  rows: Type.Integer(),
  planError: Type.Optional(
    Type.Number({
      description:
        "Largest error of the compiled plan against a 64-bit evaluation, as a share of the answers' root mean square.",
    }),
  ),
  tensorflowError: Type.Optional(
    Type.Number({ description: 'The same error of TensorFlow.js, for comparison.' }),
  ),
  maxRelativeDifference: Type.Optional(
    Type.Number({
      description: 'Difference between plan and TensorFlow.js; only in older versions.',
    }),
  ),
  source: Type.Optional(
    Type.String({
      description: 'Source of its rows; by default, rows held out from training.',
    }),
  ),
});
export type Parity = Static<typeof Parity>;

const TrainedCard = Type.Object({
  metrics: Type.Object({
    test: Metrics,
    baselines: Type.Record(Type.String(), Metrics, {
      description: 'Metrics of simpler predictors on the same test rows.',
    }),
  }),
  remarks: Type.Optional(
    Type.Array(Type.String(), {
      description: 'Gaps of the metrics, such as a class without a held-out row.',
    }),
  ),
  data: Type.Object({
    source: Type.String(),
    checksum: Type.String({ description: 'SHA-256 of the data.' }),
    rows: Type.Integer(),
    trainingRows: Type.Integer(),
    testRows: Type.Integer(),
    split: Type.String(),
  }),
  training: Type.Object({
    seed: Type.Integer(),
    backend: Type.String(),
    durationSeconds: Type.Number(),
    trainedAt: Type.String({ format: 'date-time' }),
    libraries: Type.Record(Type.String(), Type.String()),
    members: Type.Array(
      Type.Object({
        epochs: Type.Integer(),
        bestEpoch: Type.Integer(),
        validation: Type.Number({
          description: 'Mean absolute error, or mean log loss, on its validation part.',
        }),
        calibration: Type.Object(
          { scale: Type.Number(), bias: Type.Number() },
          { description: 'Calibration of its logits; the bias belongs to the second class.' },
        ),
      }),
    ),
  }),
  parity: Type.Optional(Parity),
  fallback: Type.Optional(
    Type.String({ description: 'Why TensorFlow.js serves it instead of the compiled plan.' }),
  ),
  lineage: Type.Optional(Lineage),
  search: Type.Optional(SearchReport),
});
/** Card of a version that was trained here; older ones lack a lineage. */
export type TrainedCard = Static<typeof TrainedCard>;

const Imported = Type.Object({
  source: Type.String({ description: 'Directory of its files.' }),
  checksum: Type.String({ description: 'SHA-256 of model.json and the weights.' }),
  generatedBy: Type.String({ description: 'Program that wrote the model, as named in its files.' }),
  importedAt: Type.String({ format: 'date-time' }),
  libraries: Type.Record(Type.String(), Type.String()),
});

/** Origin and metrics of a version; some are unknown for one that was trained elsewhere. */
export const ModelCard = Type.Object({
  ...Type.Partial(TrainedCard).properties,
  imported: Type.Optional(Imported),
});
export type ModelCard = Static<typeof ModelCard>;
