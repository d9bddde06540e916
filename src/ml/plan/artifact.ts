import { CorruptArtifactError } from './errors.js';

/** A weight in `model.json`. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: unknown;
}

/** A TensorFlow.js LayersModel in the format of its save and load handlers. */
export interface LayersArtifact {
  readonly modelTopology: unknown;
  readonly weightSpecs: readonly WeightSpec[];
  /** The weights in the order of the specs, without gaps. */
  readonly weightData: ArrayBuffer;
}

/** Returns a weight by its name. @throws CorruptArtifactError if it is missing or has another shape */
export type WeightReader = (name: string, shape: readonly number[]) => Float32Array;

/**
 * Splits weight data into named weights.
 * @throws CorruptArtifactError if the length of the data contradicts the specs, or a weight is listed twice or is not
 *   plain float32
 */
export function readWeights(artifact: LayersArtifact): WeightReader {
  const weights = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  let offset = 0;
  for (const { name, shape, dtype, quantization } of artifact.weightSpecs) {
    if (dtype !== 'float32' || quantization !== undefined) {
      throw new CorruptArtifactError(`Weight '${name}' is not plain float32`);
    }
    if (weights.has(name)) throw new CorruptArtifactError(`Weight '${name}' is listed twice`);
    const end = offset + 4 * sizeOf(shape);
    if (!(end <= artifact.weightData.byteLength)) {
      throw new CorruptArtifactError(`The weight data ends before weight "${name}"`);
    }
    // A copy, so that the plan does not keep the artifact in memory.
    const values = new Float32Array(artifact.weightData.slice(offset, end));
    weights.set(name, { shape, values });
    offset = end;
  }
  if (offset !== artifact.weightData.byteLength) {
    throw new CorruptArtifactError(
      `The weight specs describe ${offset} bytes, but the weight data has ${artifact.weightData.byteLength}`,
    );
  }

  return (name, shape) => {
    const weight = weights.get(name);
    if (weight === undefined) throw new CorruptArtifactError(`Weight '${name}' is missing`);
    if (weight.shape.join() !== shape.join()) {
      throw new CorruptArtifactError(
        `Weight '${name}' has shape [${weight.shape}], but its layer needs [${shape}]`,
      );
    }
    return weight.values;
  };
}

/** Returns the number of values in a tensor of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
