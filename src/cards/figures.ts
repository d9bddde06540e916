import { ClassificationMetrics } from '../ml/metrics/classification.js';
import { RegressionMetrics } from '../ml/metrics/regression.js';
import type { CardData } from './card-data.js';
import { figuresOf, format } from './format.js';
import { markdownTable, plain } from './markdown.js';
import { verdict } from './verdict.js';

/** Descriptions of the baselines, by name. */
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

/** Writes the metrics beside those of the baselines, their meaning, and the verdict. */
export function figuresSection({ version: { spec, card } }: CardData): string {
  if (!card.metrics) return 'It was not measured on data here.';
  const { test, baselines } = card.metrics;
  const compared = Object.keys(baselines).length > 0;
  const unseen = card.training ? ', which were not used in training' : '';
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

/** Returns the description of a metric in its schema. */
function meaningOf(title: keyof typeof TITLES): string {
  const properties = { ...RegressionMetrics.properties, ...ClassificationMetrics.properties };
  return (properties[TITLES[title]] as { description?: string }).description!;
}
