import { createScore, type Metrics } from '../ml/metrics/metrics.js';
import type { Model } from '../ml/model.js';
import type { Spec } from '../ml/spec.js';
import type { Version } from '../registry/index.js';
import { type Dataset, openDataset } from '../rows/open.js';
import type { DataSource } from '../rows/source.js';

/**
 * Scores models on the test rows of a dataset, all in one pass.
 * @returns the metrics of each by its name
 */
export async function scoreAll(
  dataset: Dataset,
  spec: Spec,
  models: Readonly<Record<string, Model>>,
): Promise<Record<string, Metrics>> {
  const scored = Object.entries(models).map(([name, model]) => ({
    name,
    model,
    score: createScore(spec),
  }));
  for await (const { test } of dataset.blocks())
    for (const { model, score } of scored)
      score.add(await model.predictRows(test.values, test.count), test.targets);
  return Object.fromEntries(scored.map(({ name, score }) => [name, score.metrics()]));
}

/** Opens the data of a version with the test rows of its card: all rows if it was not trained on them. */
export function openTestData(
  source: DataSource,
  { spec, card }: Pick<Version, 'spec' | 'card'>,
): Dataset {
  const isAll = card.imported !== undefined && (card.data?.trainingRows ?? 0) === 0;
  return openDataset(source, spec, isAll ? 'all' : 'part');
}
