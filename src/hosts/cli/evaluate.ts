import type { RegressionMetrics } from '../../ml/metrics.js';
import type { TrainingService } from '../../training/service.js';
import { format, print, table } from './output.js';

/** Scores a model's champion and prints the figures beside the baselines'. */
export async function evaluate(
  training: TrainingService,
  model: string,
  json: boolean,
): Promise<void> {
  const evaluation = await training.evaluate(model);
  if (json) return print(JSON.stringify(evaluation, null, 2));
  const { data, metrics, baselines } = evaluation;
  print(
    `${model}, version ${evaluation.version}, on ${format(data.testRows)} test rows of ${data.origin}\n`,
  );
  print(metricsTable({ [model]: metrics, ...baselines }));
}

/** Metrics of several predictors, one a row. */
export function metricsTable(metrics: Readonly<Record<string, RegressionMetrics>>): string {
  const rows = Object.entries(metrics).map(([name, { mae, rmse, r2, mape }]) => [
    name,
    format(mae, 1),
    format(rmse, 1),
    format(r2, 4),
    `${format(mape * 100, 2)}%`,
  ]);
  return table([['', 'MAE', 'RMSE', 'R2', 'MAPE'], ...rows]);
}
