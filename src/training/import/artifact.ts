import { type Static, Type } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { sha256 } from '../../core/checksum.js';
import { LapidaryError } from '../../core/errors.js';
import { type LayersArtifact, sizeOf } from '../../ml/plan/artifact.js';
import type { ForeignModels } from './port.js';

/** `model.json` of a LayersModel, as far as it matters here. */
const ModelJson = Type.Object({
  modelTopology: Type.Object({}),
  weightsManifest: Type.Array(
    Type.Object({
      paths: Type.Array(Type.String()),
      weights: Type.Array(
        Type.Object({
          name: Type.String(),
          shape: Type.Array(Type.Integer({ minimum: 0 })),
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

/** A LayersModel as its files hold it, and who says that they wrote it. */
export interface ForeignArtifact extends LayersArtifact {
  generatedBy: string;
  /** SHA-256 of all its files. */
  checksum: string;
}

/**
 * Reads `model.json` and the weights that it names, in however many shards.
 * @throws LapidaryError `invalid_model` when that is no LayersModel, or not all of one
 */
export async function readForeign(
  models: ForeignModels,
  directory: string,
): Promise<ForeignArtifact> {
  const bytes = await models.readFile(directory, 'model.json');
  const model = parseModel(bytes);
  const { modelTopology, weightsManifest, generatedBy, convertedBy } = model;
  const paths = weightsManifest.flatMap((group) => group.paths);
  const shards = await Promise.all(paths.map((path) => models.readFile(directory, path)));
  const weightData = new Uint8Array(Buffer.concat(shards)).buffer as ArrayBuffer;
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const expected = weightSpecs.reduce((sum, weight) => sum + bytesOf(weight), 0);
  if (expected !== weightData.byteLength) {
    throw refusal(
      `its weights should have ${expected} bytes, but ${paths.join(', ')} have ${weightData.byteLength}`,
    );
  }
  const writers = [generatedBy, convertedBy].filter((writer) => writer);
  return {
    modelTopology,
    weightSpecs,
    weightData,
    generatedBy: writers.length > 0 ? writers.join(', ') : 'unknown',
    checksum: sha256(bytes, new Uint8Array(weightData)),
  };
}

function parseModel(bytes: Uint8Array): ModelJson {
  let model: unknown;
  try {
    model = JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    throw refusal(`model.json is not valid JSON: ${(error as Error).message}`);
  }
  const { format, modelTopology } = Object(model) as Record<string, unknown>;
  if (format === 'graph-model' || Array.isArray(Object(modelTopology).node)) {
    throw refusal(
      'it is a graph model, whose layers are gone. Save the Keras model itself: ' +
        'model.save("model.h5"), then tensorflowjs_converter --input_format=keras model.h5 DIR',
    );
  }
  if (!Check(ModelJson, model)) {
    const [error] = Errors(ModelJson, model);
    throw refusal(`model.json is none of a LayersModel: ${error!.instancePath} ${error!.message}`);
  }
  return model;
}

function bytesOf({ name, shape, dtype, quantization }: WeightJson): number {
  const size = BYTES[quantization?.dtype ?? dtype];
  if (size === undefined || dtype !== 'float32')
    throw refusal(`its weight "${name}" is ${quantization?.dtype ?? dtype}, not float32`);
  return size * sizeOf(shape);
}

/** What cannot be taken, and why. */
export function refusal(detail: string, cause?: unknown): LapidaryError {
  return new LapidaryError('invalid_model', detail, [], { cause });
}
