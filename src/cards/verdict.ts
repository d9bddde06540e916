import { headlineOf, type Metrics } from '../ml/metrics/metrics.js';
import type { RegressionMetrics } from '../ml/metrics/regression.js';
import type { Hyperparameters } from '../ml/spec.js';
import { format } from './format.js';

/** Minimum gain that counts. */
const LEAST_GAIN = 0.02;

/**
 * Describes whether a model is useful: compared with a constant answer, and with a linear model on the same inputs,
 * by the error that it was trained to minimise.
 */
export function verdict(
  { test, baselines }: { test: Metrics; baselines: Readonly<Record<string, Metrics>> },
  loss?: Hyperparameters['loss'],
): string {
  if ('r2' in test && loss === 'meanSquaredError') return verdictOnMean(test, baselines.linear);
  const isNumber = 'mae' in test;
  const [constant, line] = isNumber ? ['median', 'linear'] : ['prior', 'logistic'];
  const gainOver = (name: string) =>
    1 - headlineOf(test).value / headlineOf(baselines[name]!).value;
  const measure = isNumber ? 'mean absolute error' : 'log loss';
  const always = isNumber
    ? 'always answering the median'
    : 'always answering the shares of the classes';
  const gain = gainOver(constant!);
  if (!(gain >= LEAST_GAIN)) return notBetterThan(always);
  const overLine = baselines[line!] ? gainOver(line!) : undefined;
  return `Its ${measure} is ${percent(gain)} lower than that of ${always}${comparedWithLine(line!, overLine)}.`;
}

/** Describes a model that learnt the mean, by its squared errors. */
function verdictOnMean(test: RegressionMetrics, linear?: Metrics): string {
  // The variance is the squared error of the mean.
  const gain = 1 - Math.sqrt(1 - test.r2);
  if (!(gain >= LEAST_GAIN)) return notBetterThan('always answering the mean');
  const overLine = linear && 'rmse' in linear ? 1 - test.rmse / linear.rmse : undefined;
  return `Its root mean squared error is ${percent(gain)} lower than that of always answering the mean${comparedWithLine('linear', overLine)}.`;
}

function notBetterThan(always: string): string {
  return `It is NOT better than ${always}: the features explain too little of the target, or rows are too few.`;
}

function comparedWithLine(line: string, gain?: number): string {
  if (gain === undefined) return '';
  return gain > 0
    ? `, and ${percent(gain)} lower than that of ${line} regression`
    : `; ${line} regression does as well: a network without hidden layers would do`;
}

function percent(share: number): string {
  return `${format(share * 100, 1)}%`;
}
