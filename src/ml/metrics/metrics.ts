import { type Static, Type } from 'typebox';
import { classesOf, type Spec } from '../spec.js';
import { classOf } from '../target.js';
import { ClassificationMetrics, ClassificationScore } from './classification.js';
import { RegressionMetrics, RegressionScore } from './regression.js';

/** Metrics of predictions, by the model's task. */
export const Metrics = Type.Union([RegressionMetrics, ClassificationMetrics]);
export type Metrics = Static<typeof Metrics>;

/** Collects predictions and their truth. */
export interface Score {
  /**
   * @param predictions one number a row, or one probability a class and row
   * @param truth the targets of the rows
   */
  add(predictions: Float64Array, truth: Float64Array): void;
  metrics(): Metrics;
}

/** Returns a score of the spec's task. */
export function createScore(spec: Spec): Score {
  const classes = classesOf(spec).length;
  if (spec.task === 'regression') {
    const score = new RegressionScore();
    return {
      add(predictions, truth) {
        for (let row = 0; row < truth.length; row++) score.add(predictions[row]!, truth[row]!);
      },
      metrics: () => score.metrics(),
    };
  }
  const score = new ClassificationScore(classes);
  return {
    add(predictions, truth) {
      for (let row = 0; row < truth.length; row++)
        score.add(
          predictions.subarray(row * classes, (row + 1) * classes),
          classOf(spec, truth[row]!),
        );
    },
    metrics: () => score.metrics(),
  };
}
