import { type Static, Type } from 'typebox';
import { canonicalJson, sha256 } from '../core/checksum.js';
import { LapidaryError } from '../core/errors.js';
import type { FittedEncoding } from '../ml/encoding/fitted.js';
import { Metrics } from '../ml/metrics/metrics.js';
import type { LayersArtifact } from '../ml/plan/artifact.js';
import type { Spec } from '../ml/spec.js';

/** What a version was made of. Equal lineages make equal versions. */
export const Lineage = Type.Object({
  spec: Type.String({ description: 'SHA-256 of the spec that training was given.' }),
  data: Type.Object({
    dataset: Type.Optional(Type.String()),
    batches: Type.Optional(
      Type.Array(Type.String(), { description: 'Ids of its batches, in their order.' }),
    ),
    rows: Type.Optional(Type.Integer({ description: 'Good rows of the batches.' })),
    checksum: Type.Optional(Type.String({ description: 'SHA-256 of data that is no dataset.' })),
  }),
  seed: Type.Integer(),
  search: Type.Optional(Type.Object({ trials: Type.Integer(), seed: Type.Integer() })),
  code: Type.String({ description: 'The version of Lapidary.' }),
});
export type Lineage = Static<typeof Lineage>;

/** What a search for hyperparameters tried. */
export const SearchReport = Type.Object({
  best: Type.Integer({ description: 'The trial whose hyperparameters were taken.' }),
  trials: Type.Array(
    Type.Object({
      trial: Type.Integer({ description: '0 is what the spec says.' }),
      hyperparameters: Type.Record(Type.String(), Type.Unknown()),
      epochs: Type.Integer({ description: 'Most epochs that it was given.' }),
      validation: Type.Optional(
        Type.Number({ description: 'On the validation part; none where training diverged.' }),
      ),
    }),
  ),
});
export type SearchReport = Static<typeof SearchReport>;

/** How the compiled plan was proved. */
const Parity = Type.Object({
  rows: Type.Integer(),
  planError: Type.Optional(
    Type.Number({
      description:
        "Largest error of the compiled plan against a 64-bit evaluation, as a share of the answers' root mean square.",
    }),
  ),
  tensorflowError: Type.Optional(
    Type.Number({ description: 'That of TensorFlow.js, which the plan is measured by.' }),
  ),
  maxRelativeDifference: Type.Optional(
    Type.Number({ description: 'Between plan and TensorFlow.js; of older versions.' }),
  ),
  source: Type.Optional(
    Type.String({
      description: 'Where its rows are from; rows held out from training if left out.',
    }),
  ),
});
export type Parity = Static<typeof Parity>;

const TrainedCard = Type.Object({
  metrics: Type.Object({
    test: Metrics,
    baselines: Type.Record(Type.String(), Metrics, {
      description: 'What simpler predictors reach on the same test rows.',
    }),
  }),
  remarks: Type.Optional(
    Type.Array(Type.String(), {
      description: 'What the metrics do not cover, such as a class that no held-out row has.',
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
          { description: "What was done to its logits, the bias to the second class's." },
        ),
      }),
    ),
  }),
  parity: Type.Optional(Parity),
  fallback: Type.Optional(
    Type.String({ description: 'Why TensorFlow.js serves it and not the compiled plan.' }),
  ),
  lineage: Type.Optional(Lineage),
  search: Type.Optional(SearchReport),
});
/** The card of a version that was trained here; older ones lack a lineage. */
export type TrainedCard = Static<typeof TrainedCard>;

const Imported = Type.Object({
  source: Type.String({ description: 'Where its files lay.' }),
  checksum: Type.String({ description: 'SHA-256 of model.json and the weights.' }),
  generatedBy: Type.String({ description: 'What wrote the model, as its files say.' }),
  importedAt: Type.String({ format: 'date-time' }),
  libraries: Type.Record(Type.String(), Type.String()),
});

/** Where a version comes from and how good it is; of one that was trained elsewhere, as far as that is known. */
export const ModelCard = Type.Object({
  ...Type.Partial(TrainedCard).properties,
  imported: Type.Optional(Imported),
});
export type ModelCard = Static<typeof ModelCard>;

/** A real row that was held out, and its truth. */
export interface Example {
  instance: Record<string, unknown>;
  target: number | string;
}

/** Kinds of artifacts: a network of layers. */
export const ARTIFACT_KINDS = ['layers'] as const;
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number];

/** An immutable trained artifact. */
export interface Version {
  /** Derived from spec, encoding and network: equal content has an equal id. */
  id: string;
  /** What its files hold. Records from before there were kinds have none: they are `layers`. */
  artifact: ArtifactKind;
  spec: Spec;
  encoding: FittedEncoding;
  network: LayersArtifact;
  card: ModelCard;
  examples: Example[];
}

/** The files of a version by name: its record and those that the record lists. */
export type VersionFiles = Readonly<Record<string, Uint8Array>> & {
  readonly 'version.json': Uint8Array;
};

/** Files of a network, beside the record; a record that lists none has these. */
export const LAYERS_FILES = ['model.json', 'weights.bin'] as const;
/** Names that a record may list; none leads out of the version's directory. */
const FILE_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Returns the names of a version's other files, as its record lists them; those of a network for a damaged record. */
export function listedFiles(record: Uint8Array): readonly string[] {
  try {
    const { files } = decode(record) as { files?: unknown };
    const isList = Array.isArray(files) && files.every((name) => FILE_NAME.test(String(name)));
    return isList ? files.map(String) : LAYERS_FILES;
  } catch {
    return LAYERS_FILES;
  }
}

const ID_LENGTH = 16;

function contentId(
  spec: Spec,
  encoding: FittedEncoding,
  model: Uint8Array,
  weights: Uint8Array,
): string {
  return sha256(canonicalJson({ spec, encoding }), sha256(model), sha256(weights)).slice(
    0,
    ID_LENGTH,
  );
}

/** Fields of a version that are not in its id, since equal trainings take different times. */
function reportChecksum({ card, examples }: Pick<Version, 'card' | 'examples'>): string {
  return sha256(canonicalJson({ card, examples }));
}

/** Makes a version of its content: gives it its id and lays it out as files. */
export function packVersion(content: Omit<Version, 'id'>): { id: string; files: VersionFiles } {
  const { network, ...record } = content;
  const model = encode({
    format: 'layers-model',
    generatedBy: 'lapidary',
    convertedBy: null,
    modelTopology: network.modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: network.weightSpecs }],
  });
  const weights = new Uint8Array(network.weightData);
  const id = contentId(content.spec, content.encoding, model, weights);
  return {
    id,
    files: {
      'version.json': encode({
        id,
        ...record,
        files: LAYERS_FILES,
        checksum: reportChecksum(record),
      }),
      'model.json': model,
      'weights.bin': weights,
    },
  };
}

/**
 * Reads a version from its files.
 * @throws LapidaryError `version_corrupt` when a file cannot be parsed or the content is not that of the id
 */
export function unpackVersion(id: string, files: VersionFiles): Version {
  try {
    const record = unpackRecord(id, files['version.json']);
    const [model, weights] = LAYERS_FILES.map((name) => files[name]!) as [Uint8Array, Uint8Array];
    const { modelTopology, weightsManifest } = decode(model) as {
      modelTopology: unknown;
      weightsManifest: { weights: LayersArtifact['weightSpecs'] }[];
    };
    const actual = contentId(record.spec, record.encoding, model, weights);
    if (actual !== id) throw new Error(`its content is that of ${actual}`);
    const network = {
      modelTopology,
      weightSpecs: weightsManifest.flatMap((group) => group.weights),
      weightData: weights.slice().buffer as ArrayBuffer,
    };
    return { ...record, id, network };
  } catch (error) {
    throw error instanceof LapidaryError ? error : damaged(id, error);
  }
}

/** A version without its network. */
export type VersionRecord = Omit<Version, 'network'>;

/**
 * Reads a version's `version.json`: its card and examples are compared with their checksum. Only
 * {@link unpackVersion} compares the rest with the id.
 * @throws LapidaryError `version_corrupt` when it cannot be parsed, was changed or is another's
 */
export function unpackRecord(id: string, file: Uint8Array): VersionRecord {
  try {
    const {
      checksum,
      files: _,
      artifact = 'layers',
      ...rest
    } = decode(file) as VersionRecord & { checksum?: string; files?: string[] };
    if (rest.id !== id) throw new Error(`its record is that of ${rest.id}`);
    if (!ARTIFACT_KINDS.includes(artifact))
      throw new Error(`its artifact "${artifact}" is of a kind that this Lapidary cannot load`);
    const record = { ...rest, artifact };
    // Versions that were published before there was one have none.
    if (checksum !== undefined && checksum !== reportChecksum(record))
      throw new Error('its card or its examples were changed');
    return record;
  } catch (error) {
    throw damaged(id, error);
  }
}

function damaged(id: string, cause: unknown): LapidaryError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LapidaryError('version_corrupt', `version ${id} is damaged: ${reason}`, [], { cause });
}

const encode = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
const decode = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString());
