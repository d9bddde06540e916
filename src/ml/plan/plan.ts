import { type LayersArtifact, readWeights } from './artifact.js';
import { assemble } from './assemble.js';
import { fold } from './fold.js';
import { lower } from './lower.js';
import { readGraph } from './topology.js';

/** A compiled model that predicts without TensorFlow.js: a list of steps over one WebAssembly memory. */
export interface Plan {
  /** Number of floats in a row of the input; several inputs are side by side. */
  readonly inputSize: number;
  /** Number of floats in a row of the output. */
  readonly outputSize: number;
  /** Maximum number of rows per run. */
  readonly capacity: number;
  /** Receives the rows to predict: [capacity * inputSize], row by row. */
  readonly input: Float32Array;
  /**
   * Predicts the first `rows` rows of the input.
   * @returns a view of [rows * outputSize] that the next run overwrites
   * @throws RangeError unless `rows` is an integer from 1 to the capacity
   */
  run(rows: number): Float32Array;
}

/**
 * Compiles a saved LayersModel with one output.
 * @throws UnsupportedLayerError naming a layer that only TensorFlow.js can run
 * @throws CorruptArtifactError if topology and weights do not match
 */
export function compilePlan(artifact: LayersArtifact): Plan {
  const weight = readWeights(artifact);
  return assemble(fold(lower(readGraph(artifact.modelTopology), weight)));
}

/** Predicts any number of rows, [rows * inputSize] to [rows * outputSize], a capacity at a time. */
export function runAll(plan: Plan, inputs: Float32Array): Float32Array {
  const { inputSize, outputSize, capacity } = plan;
  const total = inputs.length / inputSize;
  if (!Number.isInteger(total)) {
    throw new RangeError(`${inputs.length} floats cannot be rows of ${inputSize}`);
  }
  const outputs = new Float32Array(total * outputSize);
  for (let first = 0; first < total; first += capacity) {
    const rows = Math.min(capacity, total - first);
    plan.input.set(inputs.subarray(first * inputSize, (first + rows) * inputSize));
    outputs.set(plan.run(rows), first * outputSize);
  }
  return outputs;
}
