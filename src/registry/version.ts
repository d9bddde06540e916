import { canonicalJson, sha256 } from '../core/checksum.js';
import { LapidaryError } from '../core/errors.js';
import type { FittedEncoding } from '../ml/encoding/fitted.js';
import type { LayersArtifact } from '../ml/plan/artifact.js';
import type { Spec } from '../ml/spec.js';
import type { ModelCard } from './card.js';

/** A held-out row and its truth. */
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
  /** Content of its files. Old records lack it: they are `layers`. */
  artifact: ArtifactKind;
  spec: Spec;
  encoding: FittedEncoding;
  network: LayersArtifact;
  card: ModelCard;
  examples: Example[];
}

/** The files of a version by name: its record, and those that the record lists. */
export type VersionFiles = Readonly<Record<string, Uint8Array>> & {
  readonly 'version.json': Uint8Array;
};

/** Files of a network, in addition to the record; the default for a record that lists none. */
export const LAYERS_FILES = ['model.json', 'weights.bin'] as const;
/** Names that a record may list: they cannot leave the directory of the version. */
const FILE_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Returns the names of the other files, as the record lists them; those of a network for a damaged record. */
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

/** Returns the id and the files of a version with this content. */
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
 * @throws LapidaryError `version_corrupt` when a file cannot be parsed or the content does not match the id
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
    if (actual !== id) throw new Error(`its content has the id ${actual}`);
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
 * Reads the `version.json` of a version, and compares its card and examples with their checksum. Only
 * {@link unpackVersion} compares the rest with the id.
 * @throws LapidaryError `version_corrupt` when it cannot be parsed, was changed or belongs to another version
 */
export function unpackRecord(id: string, file: Uint8Array): VersionRecord {
  try {
    const {
      checksum,
      files: _,
      artifact = 'layers',
      ...rest
    } = decode(file) as VersionRecord & { checksum?: string; files?: string[] };
    if (rest.id !== id) throw new Error(`its record has the id ${rest.id}`);
    if (!ARTIFACT_KINDS.includes(artifact))
      throw new Error(`its artifact has the kind "${artifact}", which this release cannot load`);
    const record = { ...rest, artifact };
    // Old versions have no checksum.
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
