import type { FittedEncoding } from './encoding/fitted.js';
import type { Spec } from './spec.js';
import { decodeTarget } from './target.js';

/** Answers without a network: from encoded rows `[count * width]`, as many numbers a row as the model has outputs. */
export type Baseline = (inputs: Float32Array, count: number) => Float64Array;

/** Keeps the equations solvable when inputs depend on each other, as one-hot columns do. */
const RIDGE = 1e-3;

/** The same answer for every row: the median of a target, or the shares of its classes. */
export function constantBaseline(answer: readonly number[]): Baseline {
  return (_inputs, count) =>
    Float64Array.from({ length: count * answer.length }, (_, i) => answer[i % answer.length]!);
}

/**
 * Ridge regression on the same encoded inputs as the network's (Hoerl and Kennard, 1970), by the normal
 * equations, which rows are added to as they come.
 */
export class LinearBaseline {
  /** (X'X | X'y), X having a last column of ones. */
  private readonly normal: Float64Array[];
  private readonly row: Float64Array;
  private rows = 0;

  constructor(private readonly width: number) {
    this.normal = Array.from({ length: width + 1 }, () => new Float64Array(width + 2));
    this.row = new Float64Array(width + 1).fill(1);
  }

  /** @param inputs `[rows * width]` @param targets as a network learns them */
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

  fit(spec: Spec, encoding: FittedEncoding): Baseline {
    const { width } = this;
    const weights = solve(this.equations());
    return (inputs, count) =>
      Float64Array.from({ length: count }, (_, row) => {
        let output = weights[width]!;
        for (let i = 0; i < width; i++) output += weights[i]! * inputs[row * width + i]!;
        return decodeTarget(spec, encoding, output);
      });
  }

  private equations(): Float64Array[] {
    return this.normal.map((equation, i) => {
      const whole = equation.slice();
      for (let j = 0; j < i; j++) whole[j] = this.normal[j]![i]!;
      whole[i]! += RIDGE * this.rows;
      return whole;
    });
  }
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
