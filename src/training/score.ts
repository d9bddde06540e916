import type { Baseline } from '../ml/baselines.js';
import { Encoder } from '../ml/encoding/encoder.js';
import type { FittedEncoding } from '../ml/encoding/fitted.js';
import { createScore, type Metrics } from '../ml/metrics/metrics.js';
import { Predictor } from '../ml/predictor.js';
import type { Spec } from '../ml/spec.js';
import type { Version } from '../registry/index.js';
import { type Dataset, openDataset } from '../rows/open.js';
import type { DataSource } from '../rows/source.js';

/**
 * Scores predictors on the test rows of a dataset, all in one pass.
 * @returns the metrics of each by its name
 */
export async function scoreAll(
  dataset: Dataset,
  { spec, encoding }: { spec: Spec; encoding: FittedEncoding },
  predictors: Readonly<Record<string, Predictor | Baseline>>,
): Promise<Record<string, Metrics>> {
  const encoder = new Encoder(spec, encoding);
  const entries = Object.entries(predictors).map(([name, predictor]) => ({
    name,
    predictor,
    score: createScore(spec),
  }));
  for await (const { test } of dataset.blocks()) {
    const inputs = encoder.encodeRows(test);
    for (const { predictor, score } of entries) {
      if (predictor instanceof Predictor) {
        const predictions = new Float64Array(test.count * predictor.outputs);
        predictor.predictRows(test.values, test.count, predictions);
        score.add(predictions, test.targets);
      } else score.add(predictor(inputs, test.count), test.targets);
    }
  }
  return Object.fromEntries(entries.map(({ name, score }) => [name, score.metrics()]));
}

/** The data of a version with the test rows that its card's figures are of: all where it was not trained on it. */
export function openTestData(
  source: DataSource,
  { spec, card }: Pick<Version, 'spec' | 'card'>,
): Dataset {
  const isAll = card.imported !== undefined && (card.data?.trainingRows ?? 0) === 0;
  return openDataset(source, spec, isAll ? 'all' : 'part');
}
