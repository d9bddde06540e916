import type { Warning } from './encoding/instance.js';
import { mostProbable } from './metrics/classification.js';

/** The answer for one instance: a value, or a class with the probabilities of all. */
export interface Answer {
  value?: number;
  label?: string;
  probabilities?: Record<string, number>;
  /** Reasons to trust the answer less than others. */
  warnings?: Warning[];
}

/** Predicts by a compiled plan, a library, a formula or another machine. */
export interface Model {
  /** Count of numbers predicted per instance: one, or the probability of each class. */
  readonly outputs: number;
  /**
   * Predicts instances in their order.
   * @throws LapidaryError `invalid_instances` with the first faults; none is predicted then
   */
  predict(instances: readonly unknown[]): Answer[] | Promise<Answer[]>;
  /**
   * Predicts rows that were already read.
   * @param values in the format of a RowBlock
   * @returns `[count * outputs]`
   */
  predictRows(values: Float64Array, count: number): Float64Array | Promise<Float64Array>;
  /** Releases resources outside of memory; running predictions finish. */
  close?(): void;
}

/** Returns the answer for the probabilities of the classes. */
export function classify(classes: readonly string[], outputs: ArrayLike<number>): Answer {
  const probabilities: Record<string, number> = {};
  for (let c = 0; c < outputs.length; c++) probabilities[classes[c]!] = outputs[c]!;
  return { label: classes[mostProbable(outputs)]!, probabilities };
}
