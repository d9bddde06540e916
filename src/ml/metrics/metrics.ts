import type { Static } from 'typebox';
import * as Type from 'typebox';
import { classesOf, type Spec } from '../spec.js';
import { classOf } from '../target.js';
import { ClassificationMetrics, ClassificationScore } from './classification.js';
import { RegressionMetrics, RegressionScore } from './regression.js';

/** Metrics of predictions, by the model's task. */
export const Metrics = Type.Union([RegressionMetrics, ClassificationMetrics]);
export type Metrics = Static<typeof Metrics>;

/** The metric that models are compared by; lower is better. */
export interface Headline {
  metric: 'mae' | 'logLoss';
  value: number;
}

/** Returns the metric that models are compared by. */
export function headlineOf(metrics: Metrics): Headline {
  return 'mae' in metrics
    ? { metric: 'mae', value: metrics.mae }
    : { metric: 'logLoss', value: metrics.logLoss };
}

/** Collects predictions with their truth. */
export interface Score {
  /**
   * Adds rows.
   * @param predictions a number per row, or the probability of each class per row
   * @param truth the targets of the rows
   */
  add(predictions: Float64Array, truth: Float64Array): void;
  metrics(): Metrics;
}

/** Creates a score for the spec's task. */
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
      for (let row = 0; row < truth.length; row++) {
        const probabilities = predictions.subarray(row * classes, (row + 1) * classes);
        score.add(probabilities, classOf(spec, truth[row]!));
      }
    },
    metrics: () => score.metrics(),
  };
}
