import type { Warning } from './encoding/instance.js';
import { mostProbable } from './metrics/classification.js';

/** The answer for one instance: a value, or a class with the probabilities of all. */
export interface Answer {
  value?: number;
  label?: string;
  probabilities?: Record<string, number>;
  /** Why the answer deserves less trust than others. */
  warnings?: Warning[];
}

/** Predicts, whatever computes it: a compiled plan, a library, a formula or another machine. */
export interface Model {
  /** Numbers predicted of an instance: one, or the probability of each class. */
  readonly outputs: number;
  /**
   * Answers instances in their order.
   * @throws LapidaryError `invalid_instances` with the first faults; then no instance is answered
   */
  predict(instances: readonly unknown[]): Answer[] | Promise<Answer[]>;
  /**
   * Predicts rows that were read already.
   * @param values of the rows, as a RowBlock has them
   * @returns `[count * outputs]`
   */
  predictRows(values: Float64Array, count: number): Float64Array | Promise<Float64Array>;
  /** Releases what it holds outside of memory; predictions that run are finished. */
  close?(): void;
}

/** Returns the answer that the probabilities of the classes are. */
export function classify(classes: readonly string[], outputs: ArrayLike<number>): Answer {
  const probabilities: Record<string, number> = {};
  for (let c = 0; c < outputs.length; c++) probabilities[classes[c]!] = outputs[c]!;
  return { label: classes[mostProbable(outputs)]!, probabilities };
}
