import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Check, Errors } from 'typebox/value';
import { sha256 } from '../../core/checksum.js';
import { LapidaryError } from '../../core/errors.js';
import { type LayersArtifact, sizeOf } from '../../ml/plan/artifact.js';
import { adviceFor, adviceForJson } from './formats.js';
import type { ForeignModels } from './port.js';

const MOST_JSON_BYTES = 64 << 20;
/** Maximum number of weights: one gigabyte of float32. */
const MOST_WEIGHTS = 1 << 28;
const DEEPEST = 100;
const MOST_VALUES = 500_000;

/** The relevant part of a LayersModel's `model.json`. */
const ModelJson = Type.Object({
  modelTopology: Type.Object({}),
  weightsManifest: Type.Array(
    Type.Object({
      paths: Type.Array(Type.String()),
      weights: Type.Array(
        Type.Object({
          name: Type.String(),
          shape: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 8 }),
          dtype: Type.String(),
          quantization: Type.Optional(Type.Object({ dtype: Type.String() })),
        }),
      ),
    }),
  ),
  generatedBy: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  convertedBy: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});
type ModelJson = Static<typeof ModelJson>;
type WeightJson = ModelJson['weightsManifest'][number]['weights'][number];

const BYTES: Readonly<Record<string, number>> = { float32: 4, float16: 2, uint16: 2, uint8: 1 };

/** A LayersModel as read from its files, with the program that wrote it. */
export interface ForeignArtifact extends LayersArtifact {
  generatedBy: string;
  /** SHA-256 of all its files. */
  checksum: string;
}

/**
 * Reads `model.json` and the shards of weights that it names. Their size is checked before they are read.
 * @param path a directory with `model.json`, or that file under any name
 * @throws LapidaryError `invalid_model` if it is not a complete LayersModel
 */
export async function readForeign(models: ForeignModels, path: string): Promise<ForeignArtifact> {
  const [directory, name] = await locate(models, path);
  const bytes = await models.readFile(directory, name, MOST_JSON_BYTES);
  const { modelTopology, weightsManifest, generatedBy, convertedBy } = parseModel(bytes, path);
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const weightData = await readShards(models, directory, weightsManifest, bytesOf(weightSpecs));
  const writers = [generatedBy, convertedBy].filter((writer) => writer);
  return {
    modelTopology,
    weightSpecs,
    weightData: weightData.buffer as ArrayBuffer,
    generatedBy: writers.length > 0 ? writers.join(', ') : 'unknown',
    checksum: sha256(bytes, weightData),
  };
}

async function locate(models: ForeignModels, path: string): Promise<[string, string]> {
  const names = await models.list(path);
  if (names === 'file' && path.endsWith('.json')) {
    const at = path.lastIndexOf('/');
    return [at < 0 ? '.' : path.slice(0, at + 1), path.slice(at + 1)];
  }
  if (names !== 'file' && names.includes('model.json')) return [path, 'model.json'];
  throw refusal(adviceFor(path, names));
}

function parseModel(bytes: Uint8Array, path: string): ModelJson {
  let model: unknown;
  try {
    model = JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    throw refusal(`model.json is not valid JSON: ${(error as Error).message}`);
  }
  checkExtent(model);
  const advice = adviceForJson(model, path);
  if (advice !== undefined) throw refusal(advice);
  if (!Check(ModelJson, model)) {
    const [error] = Errors(ModelJson, model);
    throw refusal(`model.json is not of a LayersModel: ${error!.instancePath} ${error!.message}`);
  }
  return model;
}

/** Limits nesting and size, which would exhaust the stack and the validation; it works level by level. */
function checkExtent(model: unknown): void {
  let level = [model];
  let values = 0;
  for (let depth = 0; level.length > 0; depth++) {
    values += level.length;
    if (depth > DEEPEST) throw refusal(`model.json is nested deeper than ${DEEPEST} levels`);
    if (values > MOST_VALUES) throw refusal(`model.json has more than ${MOST_VALUES} values`);
    level = level.flatMap((each) =>
      each !== null && typeof each === 'object' ? Object.values(each) : [],
    );
  }
}

function bytesOf(weights: readonly WeightJson[]): number {
  const count = weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (!(count <= MOST_WEIGHTS))
    throw refusal(`it lists ${count} weights, more than ${MOST_WEIGHTS}`);
  const names = new Set(weights.map(({ name }) => name));
  if (names.size < weights.length) throw refusal('model.json names one weight twice');
  return weights.reduce((sum, { name, shape, dtype, quantization }) => {
    const size = BYTES[quantization?.dtype ?? dtype];
    if (size === undefined || dtype !== 'float32')
      throw refusal(`its weight "${name}" is ${quantization?.dtype ?? dtype}, not float32`);
    return sum + size * sizeOf(shape);
  }, 0);
}

async function readShards(
  models: ForeignModels,
  directory: string,
  manifest: ModelJson['weightsManifest'],
  expected: number,
): Promise<Uint8Array> {
  const paths = manifest.flatMap((group) => group.paths);
  if (new Set(paths).size < paths.length)
    throw refusal('model.json names one file of weights twice');
  const data = new Uint8Array(expected);
  let at = 0;
  for (const path of paths) {
    const shard = await models.readFile(directory, path, expected - at);
    data.set(shard, at);
    at += shard.length;
  }
  if (at === expected) return data;
  throw refusal(
    `its weights must have ${expected} bytes, but ${paths.join(', ') || 'no files'} have ${at}`,
  );
}

/** Creates an error about a model that cannot be imported. */
export function refusal(detail: string, cause?: unknown): LapidaryError {
  return new LapidaryError('invalid_model', detail, [], { cause });
}
