import { EncodingFitter } from '../ml/encoding/fit.js';
import { appendRows, firstRows, type RowBlock } from '../ml/rows.js';
import type { Spec, TrainableSpec } from '../ml/spec.js';
import { addCounts, describeWords, refuseOpenWords } from '../rows/left-out.js';
import { type Dataset, openDataset, type SplitBlock } from '../rows/open.js';
import type { DataSource } from '../rows/source.js';
import { Arrangement } from './arrangement.js';
import { Coverage } from './coverage.js';
import { dataOf, type LineageData } from './lineage.js';
import { PARITY_ROWS } from './parity.js';

/** Data after the first read: its size, and the statistics that the encoding is fitted to. */
export interface Material {
  spec: TrainableSpec;
  dataset: Dataset;
  data: LineageData;
  fitter: EncodingFitter;
  coverage: Coverage;
  arrangement: Arrangement;
  /** Counts of rows without a target, by the word in its place. */
  leftOut: ReadonlyMap<string, number>;
  /** The first test rows. */
  sample: RowBlock;
}

/** Reads data for the first time. @throws LapidaryError `invalid_dataset` */
export async function readMaterial(
  spec: TrainableSpec,
  source: DataSource,
  signal?: AbortSignal,
): Promise<Material> {
  const dataset = abortable(openDataset(source, spec), signal);
  const scanned = await scan(dataset, spec);
  scanned.coverage.requireLearnable(dataset.origin);
  return { spec, dataset, data: dataOf(source) ?? { checksum: dataset.checksum }, ...scanned };
}

/** Returns a dataset whose blocks stop when the signal aborts, with its reason. */
export function abortable(dataset: Dataset, signal?: AbortSignal): Dataset {
  if (!signal) return dataset;
  return {
    origin: dataset.origin,
    split: dataset.split,
    remarks: dataset.remarks,
    get checksum() {
      return dataset.checksum;
    },
    async *blocks(): AsyncGenerator<SplitBlock> {
      for await (const block of dataset.blocks()) {
        signal.throwIfAborted();
        yield block;
      }
    },
  };
}

async function scan(dataset: Dataset, spec: Spec) {
  const fitter = new EncodingFitter(spec);
  const coverage = new Coverage(spec);
  const arrangement = new Arrangement(spec);
  const sampled: RowBlock[] = [];
  const leftOut = new Map<string, number>();
  for await (const { training, test, leftOut: words } of dataset.blocks()) {
    addCounts(leftOut, words);
    fitter.add(training);
    const held = coverage.rows.test;
    if (test.count > 0 && held < PARITY_ROWS) sampled.push(firstRows(test, PARITY_ROWS - held));
    coverage.add('training', training);
    coverage.add('test', test);
    arrangement.add(training, test);
  }
  const { training, test } = coverage.rows;
  const without = [...leftOut.values()].reduce((sum, count) => sum + count, 0);
  refuseOpenWords(leftOut, training + test + without, spec.target);
  return { fitter, coverage, arrangement, leftOut, sample: appendRows(sampled) };
}

/** Remarks on rows without a target. */
export function remarksOnLeftOut({ spec, leftOut }: Material): string[] {
  const rows = [...leftOut.values()].reduce((sum, count) => sum + count, 0);
  return rows === 0
    ? []
    : [`${rows} rows without ${spec.target.name} are left out: ${describeWords(leftOut)}`];
}
