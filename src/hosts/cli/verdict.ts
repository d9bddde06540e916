import type { Metrics } from '../../ml/metrics/metrics.js';
import { format } from './output.js';

/** Rows below which a difference may well be chance. */
const FEW_ROWS = 200;

/** Whether a model is better than its baselines, in words, by the error that it was trained to avoid. */
export function verdict({
  test,
  baselines,
}: {
  test: Metrics;
  baselines: Readonly<Record<string, Metrics>>;
}): string {
  const [best, least] = Object.entries(baselines)
    .map(([name, metrics]) => [name, errorOf(metrics)] as const)
    .reduce((a, b) => (b[1] < a[1] ? b : a));
  const gain = 1 - errorOf(test) / least;
  const measure = 'mae' in test ? 'mean absolute error' : 'log loss';
  const few =
    test.rows < FEW_ROWS ? ` Only ${test.rows} test rows: take it with a grain of salt.` : '';
  return gain > 0
    ? `Its ${measure} is ${percent(gain)} lower than that of the best baseline (${best}).${few}`
    : `It is NOT better than the ${best} baseline (${measure} ${percent(-gain)} higher): the data tells too little about the target, or too few rows do.${few}`;
}

function errorOf(metrics: Metrics): number {
  return 'mae' in metrics ? metrics.mae : metrics.logLoss;
}

function percent(share: number): string {
  return `${format(share * 100, 1)}%`;
}
