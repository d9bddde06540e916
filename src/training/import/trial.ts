import { LapidaryError } from '../../core/errors.js';
import type { FittedEncoding } from '../../ml/encoding/fitted.js';
import type { Model } from '../../ml/model.js';
import { appendRows, firstRows, type RowBlock } from '../../ml/rows.js';
import type { Spec } from '../../ml/spec.js';
import type { ModelCard } from '../../registry/index.js';
import { type Dataset, openDataset } from '../../rows/open.js';
import type { DataSource } from '../../rows/source.js';
import { PARITY_ROWS } from '../parity.js';
import { scoreAll } from '../score.js';
import { GENERATED, generateRows } from './sample.js';

/** Rows to test a model on. */
export interface Trial {
  rows: RowBlock;
  /** Their source, for the card. */
  source: string;
  /** The data whose first rows they are, if any. */
  data?: { dataset: Dataset; count: number };
}

/** Generates rows from a spec. */
export function generateTrial(spec: Spec, encoding: FittedEncoding): Trial {
  return { rows: generateRows(spec, encoding, PARITY_ROWS), source: GENERATED };
}

/**
 * Opens a dataset and reads its first rows. The model is scored on all rows, since it was trained elsewhere.
 * @throws LapidaryError `invalid_dataset`
 */
export async function openTrial(source: DataSource, spec: Spec): Promise<Trial> {
  const dataset = openDataset(source, spec, 'all');
  const rows = new Sample();
  let count = 0;
  for await (const { test } of dataset.blocks()) {
    count += test.count;
    rows.add(test);
  }
  if (count === 0) throw new LapidaryError('invalid_dataset', `${dataset.origin} has no rows`);
  const { origin } = dataset;
  return { rows: rows.rows(), source: `the first rows of ${origin}`, data: { dataset, count } };
}

/** Scores the model, and returns the data and metrics of its card. */
export async function scoreTrial(
  { data }: Trial,
  spec: Spec,
  model: Model,
): Promise<Pick<ModelCard, 'metrics' | 'data'>> {
  if (!data) return {};
  const { dataset, count } = data;
  const { test } = await scoreAll(dataset, spec, { test: model });
  return {
    metrics: { test: test!, baselines: {} },
    data: {
      source: dataset.origin,
      checksum: dataset.checksum,
      rows: count,
      trainingRows: 0,
      testRows: count,
      split: `${dataset.split}; the model may have been trained on some of them`,
    },
  };
}

/** Collects the first rows of many blocks. */
class Sample {
  private readonly blocks: RowBlock[] = [];
  private wanted = PARITY_ROWS;

  add(block: RowBlock): void {
    if (this.wanted === 0 || block.count === 0) return;
    const first = firstRows(block, this.wanted);
    this.blocks.push(first);
    this.wanted -= first.count;
  }

  rows(): RowBlock {
    return appendRows(this.blocks);
  }
}
