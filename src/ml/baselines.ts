import type { FittedEncoding } from './encoding/fitted.js';
import { classify, type Model } from './model.js';
import { PlanModel } from './plan-model.js';
import { classesOf, type Spec } from './spec.js';

/** Keeps the equations solvable if inputs depend on each other, as one-hot columns do. */
const RIDGE = 1e-3;

/** Maximum number of multiplications for the normal equations: about ten seconds. */
const MOST_WORK = 1e10;

const ROWS_A_RUN = 256;

/** Returns whether the normal equations can be solved in time. @param width number of inputs */
export function canSolve(rows: number, width: number): boolean {
  return (rows * width ** 2) / 2 + width ** 3 / 6 <= MOST_WORK;
}

/** Returns a model with the same answer for every row: the median of a target, or the shares of its classes. */
export function constantModel(spec: Spec, outputs: readonly number[]): Model {
  const classes = classesOf(spec);
  const answer = classes.length > 0 ? classify(classes, outputs) : { value: outputs[0]! };
  return {
    outputs: outputs.length,
    predict: (instances) => instances.map(() => answer),
    predictRows: (_values, count) =>
      Float64Array.from({ length: count * outputs.length }, (_, i) => outputs[i % outputs.length]!),
  };
}

/**
 * Fits a ridge regression on the encoded inputs of the network (Hoerl and Kennard, 1970), by normal equations that rows
 * are added to.
 */
export class LinearBaseline {
  /** (X'X | X'y), where the last column of X is ones. */
  private readonly normal: Float64Array[];
  private readonly row: Float64Array;
  private rows = 0;

  constructor(private readonly width: number) {
    this.normal = Array.from({ length: width + 1 }, () => new Float64Array(width + 2));
    this.row = new Float64Array(width + 1).fill(1);
  }

  /** Adds rows. @param inputs `[rows * width]` @param targets encoded for the network */
  add(inputs: Float32Array, targets: Float32Array): void {
    const { width, row, normal } = this;
    const size = width + 1;
    targets.forEach((target, r) => {
      for (let i = 0; i < width; i++) row[i] = inputs[r * width + i]!;
      for (let i = 0; i < size; i++) {
        const value = row[i]!;
        if (value === 0) continue;
        const equation = normal[i]!;
        for (let j = i; j < size; j++) equation[j]! += value * row[j]!;
        equation[size]! += value * target;
      }
    });
    this.rows += targets.length;
  }

  /** Returns the fitted model. @throws RangeError if the equations cannot be solved */
  fit(spec: Spec, encoding: FittedEncoding): Model {
    const { width } = this;
    const weights = solve(this.equations());
    if (!weights.every(Number.isFinite))
      throw new RangeError('its equations cannot be solved in 64 bits');
    const input = new Float32Array(ROWS_A_RUN * width);
    const computeRow = (_: unknown, row: number) => {
      let output = weights[width]!;
      for (let i = 0; i < width; i++) output += weights[i]! * input[row * width + i]!;
      return output;
    };
    return new PlanModel(spec, encoding, {
      inputSize: width,
      outputSize: 1,
      capacity: ROWS_A_RUN,
      input,
      run: (rows) => Float64Array.from({ length: rows }, computeRow),
    });
  }

  private equations(): Float64Array[] {
    return this.normal.map((equation, i) => {
      const lower = Float64Array.from(equation, (value, j) =>
        j < i ? this.normal[j]![i]! : value,
      );
      lower[i]! += RIDGE * this.rows;
      return lower;
    });
  }
}

/** Solves equations by Cholesky's decomposition, which the ridge makes possible. @param equations with the right side last */
function solve(equations: Float64Array[]): Float64Array {
  const size = equations.length;
  const solution = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const row = equations[i]!;
    for (let j = 0; j <= i; j++) {
      const other = equations[j]!;
      let rest = row[j]!;
      for (let k = 0; k < j; k++) rest -= row[k]! * other[k]!;
      row[j] = i === j ? Math.sqrt(rest) : rest / other[j]!;
    }
    let rest = row[size]!;
    for (let k = 0; k < i; k++) rest -= row[k]! * solution[k]!;
    solution[i] = rest / row[i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    const row = equations[i]!;
    const weight = solution[i]! / row[i]!;
    solution[i] = weight;
    for (let k = 0; k < i; k++) solution[k]! -= row[k]! * weight;
  }
  return solution;
}
