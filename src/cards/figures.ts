import { ClassificationMetrics } from '../ml/metrics/classification.js';
import { RegressionMetrics } from '../ml/metrics/regression.js';
import { figuresOf, format } from './format.js';
import { markdownTable, plain } from './markdown.js';
import type { Report } from './report.js';
import { verdict } from './verdict.js';

/** What the baselines are, by their names. */
const BASELINES: Readonly<Record<string, string>> = {
  median: 'the median of the training rows',
  linear: 'linear regression on the same inputs',
  prior: 'the shares of the training rows',
  logistic: 'logistic regression on the same inputs',
};

/** Metrics by their titles. */
const TITLES = {
  MAE: 'mae',
  RMSE: 'rmse',
  R2: 'r2',
  MAPE: 'mape',
  accuracy: 'accuracy',
  balanced: 'balancedAccuracy',
  AUC: 'auc',
  'log loss': 'logLoss',
  Brier: 'brier',
} as const;

/** The metrics beside those of the baselines, what they mean, and whether the model was worth it. */
export function figuresSection({ version: { spec, card } }: Report): string {
  if (!card.metrics) return 'It was measured on no data here.';
  const { test, baselines } = card.metrics;
  const compared = Object.keys(baselines).length > 0;
  const unseen = card.training ? ', which training did not see' : '';
  const titles = Object.keys(figuresOf(test));
  const rows = [
    [`**${spec.name}**`, ...Object.values(figuresOf(test)).map((figure) => `**${figure}**`)],
    ...Object.entries(baselines).map(([name, metrics]) => [
      BASELINES[name] ?? name,
      ...Object.values(figuresOf(metrics)),
    ]),
  ];
  return [
    `On the ${format(test.rows)} test rows${unseen}${compared ? ', beside simpler predictors' : ''}:`,
    markdownTable([['', ...titles], ...rows], 'numbers'),
    ...(compared ? [verdict(card.metrics, spec.hyperparameters?.loss)] : []),
    ...(card.remarks ?? []).map(plain),
    titles.map((title) => `- **${title}**: ${meaningOf(title as keyof typeof TITLES)}`).join('\n'),
  ].join('\n\n');
}

/** As the schema of the metrics describes it. */
function meaningOf(title: keyof typeof TITLES): string {
  const properties = { ...RegressionMetrics.properties, ...ClassificationMetrics.properties };
  return (properties[TITLES[title]] as { description?: string }).description!;
}
