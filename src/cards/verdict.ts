import type { Metrics } from '../ml/metrics/metrics.js';
import { format } from './format.js';

/** A gain of less is none. */
const LEAST_GAIN = 0.02;

/**
 * Whether a model is worth having, in words: against the same answer for every row, and against a straight
 * line through the same inputs, by the error that it was trained to avoid.
 */
export function verdict({
  test,
  baselines,
}: {
  test: Metrics;
  baselines: Readonly<Record<string, Metrics>>;
}): string {
  const isNumber = 'mae' in test;
  const [constant, line] = isNumber ? ['median', 'linear'] : ['prior', 'logistic'];
  const gainOver = (name: string) => 1 - errorOf(test) / errorOf(baselines[name]!);
  const measure = isNumber ? 'mean absolute error' : 'log loss';
  const always = isNumber
    ? 'always answering the median'
    : 'always answering the shares of the classes';
  const gain = gainOver(constant!);
  if (!(gain >= LEAST_GAIN))
    return `It is NOT better than ${always}: the data tells too little about the target, or too few rows do.`;
  const overLine = baselines[line!] ? gainOver(line!) : undefined;
  const besides =
    overLine === undefined
      ? ''
      : overLine > 0
        ? `, and ${percent(overLine)} lower than that of ${line} regression`
        : `; ${line} regression does as well: a network without hidden layers would do`;
  return `Its ${measure} is ${percent(gain)} lower than that of ${always}${besides}.`;
}

function errorOf(metrics: Metrics): number {
  return 'mae' in metrics ? metrics.mae : metrics.logLoss;
}

function percent(share: number): string {
  return `${format(share * 100, 1)}%`;
}
