import { Encoder } from './encoding/encoder.js';
import { type RegressionMetrics, regressionMetrics } from './metrics.js';
import type { Spec } from './spec.js';
import type { Table } from './table.js';
import { decodeTarget } from './target.js';
import type { TrainingTask } from './trainer.js';

/** Keeps the equations solvable when inputs depend on each other, as one-hot columns do. */
const RIDGE = 1e-3;

/** Always answers the median of the training rows. */
export function medianBaseline(training: Table, test: Table): RegressionMetrics {
  const sorted = training.target.slice().sort();
  return regressionMetrics(
    new Float64Array(test.rows).fill(sorted[sorted.length >> 1]!),
    test.target,
  );
}

/**
 * Ridge regression on the same encoded inputs as the network's (Hoerl and Kennard, 1970), by the normal
 * equations.
 */
export function linearBaseline(spec: Spec, task: TrainingTask, test: Table): RegressionMetrics {
  const encoder = new Encoder(spec, task.encoding);
  const { width } = encoder;
  const weights = fitRidge(task.inputs, task.targets, width);
  const inputs = encoder.encodeTable(test);
  const predictions = Float64Array.from({ length: test.rows }, (_, row) => {
    let output = weights[width]!;
    for (let i = 0; i < width; i++) output += weights[i]! * inputs[row * width + i]!;
    return decodeTarget(spec, task.encoding, output);
  });
  return regressionMetrics(predictions, test.target);
}

/** Solves (X'X + ridge) w = X'y, X having a last column of ones. */
function fitRidge(inputs: Float32Array, targets: Float32Array, width: number): Float64Array {
  const size = width + 1;
  const normal = Array.from({ length: size }, () => new Float64Array(size + 1));
  const row = new Float64Array(size).fill(1);
  targets.forEach((target, r) => {
    for (let i = 0; i < width; i++) row[i] = inputs[r * width + i]!;
    for (let i = 0; i < size; i++) {
      const equation = normal[i]!;
      for (let j = i; j < size; j++) equation[j]! += row[i]! * row[j]!;
      equation[size]! += row[i]! * target;
    }
  });
  for (let i = 0; i < size; i++) {
    normal[i]![i]! += RIDGE * targets.length;
    for (let j = 0; j < i; j++) normal[i]![j] = normal[j]![i]!;
  }
  return solve(normal);
}

/** Gaussian elimination with partial pivoting; each equation holds its right side last. */
function solve(equations: Float64Array[]): Float64Array {
  const size = equations.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let r = column + 1; r < size; r++) {
      if (Math.abs(equations[r]![column]!) > Math.abs(equations[pivot]![column]!)) pivot = r;
    }
    [equations[column], equations[pivot]] = [equations[pivot]!, equations[column]!];
    const from = equations[column]!;
    for (let r = 0; r < size; r++) {
      const to = equations[r]!;
      const factor = r === column ? 0 : to[column]! / from[column]!;
      if (factor !== 0) for (let c = column; c <= size; c++) to[c]! -= factor * from[c]!;
    }
  }
  return Float64Array.from(equations, (equation, i) => equation[size]! / equation[i]!);
}
