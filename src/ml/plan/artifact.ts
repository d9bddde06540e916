import { CorruptArtifactError } from './errors.js';

/** One weight as `model.json` lists it. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: unknown;
}

/** A TensorFlow.js LayersModel as its save handlers get it and its load handlers give it. */
export interface LayersArtifact {
  readonly modelTopology: unknown;
  readonly weightSpecs: readonly WeightSpec[];
  /** The weights in the order of the specs, without gaps. */
  readonly weightData: ArrayBuffer;
}

/** Looks a weight up by its name and checks its shape. */
export type WeightReader = (name: string, shape: readonly number[]) => Float32Array;

/**
 * Cuts the weight data into named weights.
 *
 * @throws CorruptArtifactError when the data is longer or shorter than the specs say, or a weight is
 * listed twice or not plain float32; the reader throws it for a missing weight or another shape.
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
    // Copied, not viewed: the plan keeps nothing of the artifact alive.
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

/** The number of values in a tensor of this shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
