import type { Metrics } from '../../ml/metrics/metrics.js';
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
export function metricsTable(metrics: Readonly<Record<string, Metrics>>): string {
  const rows = Object.entries(metrics).map(([name, figures]) => ({
    name,
    figures: figuresOf(figures),
  }));
  const titles = Object.keys(rows[0]!.figures);
  return table([
    ['', ...titles],
    ...rows.map(({ name, figures }) => [name, ...Object.values(figures)]),
  ]);
}

/** Metrics as people write them, by their usual names. */
function figuresOf(metrics: Metrics): Record<string, string> {
  const percent = (share: number) => `${format(share * 100, 2)}%`;
  if ('mae' in metrics) {
    const { mae, rmse, r2, mape } = metrics;
    return { MAE: compact(mae), RMSE: compact(rmse), R2: format(r2, 4), MAPE: percent(mape) };
  }
  const { accuracy, balancedAccuracy, auc, logLoss, brier } = metrics;
  return {
    accuracy: percent(accuracy),
    balanced: percent(balancedAccuracy),
    AUC: format(auc, 4),
    'log loss': format(logLoss, 4),
    Brier: format(brier, 4),
  };
}

/** One decimal of large numbers, more of small ones. */
function compact(value: number): string {
  return format(value, value >= 10 ? 1 : 4);
}
