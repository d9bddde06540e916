import type { DataSource } from '../../datasets/port.js';
import { type Dataset, openDataset } from '../../datasets/service.js';
import type { FittedEncoding } from '../../ml/encoding/fitted.js';
import type { Predictor } from '../../ml/predictor.js';
import { appendRows, firstRows, type RowBlock } from '../../ml/rows.js';
import type { Spec } from '../../ml/spec.js';
import type { ModelCard } from '../../registry/version.js';
import { PARITY_ROWS } from '../parity.js';
import { scoreAll } from '../score.js';
import { GENERATED, generateRows } from './sample.js';

/** Rows to try a model on. */
export interface Trial {
  rows: RowBlock;
  /** Where they are from, for the card. */
  source: string;
  /** The data that they are from, if any. */
  data?: {
    dataset: Dataset;
    trainingRows: number;
    testRows: number;
    /** The first test rows. */
    test: RowBlock;
  };
}

/** Rows made up from a spec. */
export function generateTrial(spec: Spec, encoding: FittedEncoding): Trial {
  return { rows: generateRows(spec, encoding, PARITY_ROWS), source: GENERATED };
}

/**
 * The first rows of a dataset.
 * @throws LapidaryError `invalid_dataset`
 */
export async function openTrial(source: DataSource, spec: Spec): Promise<Trial> {
  const dataset = openDataset(source, spec);
  const rows = new Sample();
  const test = new Sample();
  let trainingRows = 0;
  let testRows = 0;
  for await (const block of dataset.blocks()) {
    trainingRows += block.training.count;
    testRows += block.test.count;
    test.add(block.test);
    rows.add(block.training);
    rows.add(block.test);
  }
  const data = { dataset, trainingRows, testRows, test: test.rows() };
  return { rows: rows.rows(), source: `the first rows of ${dataset.origin}`, data };
}

/** What the card says of the data, and how good the model is on its test rows if there are some. */
export async function scoreTrial(
  { data }: Trial,
  task: { spec: Spec; encoding: FittedEncoding },
  predictor: Predictor,
): Promise<Pick<ModelCard, 'metrics' | 'data'>> {
  if (!data || data.testRows === 0) return {};
  const { dataset, trainingRows, testRows } = data;
  const { model } = await scoreAll(dataset, task, { model: predictor });
  return {
    metrics: { test: model!, baselines: {} },
    data: {
      source: dataset.origin,
      checksum: dataset.checksum,
      rows: trainingRows + testRows,
      trainingRows,
      testRows,
      split: `${dataset.split}; whether the model was trained on some of those is not known here`,
    },
  };
}

/** The first rows of many blocks. */
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
