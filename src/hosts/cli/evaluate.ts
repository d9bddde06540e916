import type { Metrics } from '../../ml/metrics/metrics.js';
import type { Evaluation, TrainingService } from '../../training/service.js';
import { format, print, table } from './output.js';

/**
 * Scores models' champions and prints the figures beside the baselines'.
 * @param model a name, or `all`
 */
export async function evaluate(
  training: TrainingService,
  model: string,
  json: boolean,
): Promise<void> {
  const models = model === 'all' ? await training.models() : [model];
  const evaluations: Evaluation[] = [];
  for (const name of models) {
    const evaluation = await training.evaluate(name);
    evaluations.push(evaluation);
    if (!json) show(evaluation);
  }
  if (json) print(JSON.stringify(model === 'all' ? evaluations : evaluations[0], null, 2));
}

function show({ model, version, data, metrics, baselines }: Evaluation): void {
  print(`${model}, version ${version}, on ${format(data.testRows)} test rows of ${data.origin}\n`);
  print(`${metricsTable({ [model]: metrics, ...baselines })}\n`);
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
export function figuresOf(metrics: Metrics): Record<string, string> {
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
