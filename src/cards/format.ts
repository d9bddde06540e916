import type { Metrics } from '../ml/metrics/metrics.js';
import type { Parity } from '../registry/index.js';

/** Formats a number with separated thousands and a number of decimals. */
export function format(value: number, decimals = 0): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

/** Formats rows of cells as aligned text: the first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  '),
    )
    .join('\n');
}

/** Formats the metrics of several predictors, one per row. */
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

/** Formats metrics, by their usual names. */
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

/** Formats large numbers with one decimal, small ones with more. */
function compact(value: number): string {
  return format(value, value >= 10 ? 1 : 4);
}

/** Describes the errors of plan and TensorFlow.js; for older versions, their difference. */
export function describeParity({ planError, tensorflowError, ...older }: Parity): string {
  return planError === undefined || tensorflowError === undefined
    ? `the plan and TensorFlow.js differ by at most ${exponential(older.maxRelativeDifference)}, relative to the answer`
    : `the error of the plan is at most ${exponential(planError)} of the answers' scale, that of TensorFlow.js ${exponential(tensorflowError)}`;
}

function exponential(value = Number.NaN): string {
  return value.toExponential(1);
}
