import { createHash } from 'node:crypto';
import { appendRows, firstRows, type RowBlock, takeRows, valuesAt } from '../ml/rows.js';
import { classesOf, type Feature, type ImageFeature, layoutOf, type Spec } from '../ml/spec.js';
import { isTestRow } from '../ml/split.js';
import { classOf } from '../ml/target.js';
import { readCsvRows } from './csv.js';
import { naming } from './faults.js';
import { readIdx } from './idx.js';
import { readJsonRows } from './json.js';
import type { Bytes, DataSource, IdxFiles, IdxSource } from './source.js';
import { Remarks } from './text/reading.js';

/** A block of rows, split into training and test rows. */
export interface SplitBlock {
  training: RowBlock;
  test: RowBlock;
  /** Counts of rows without a target, by the word in its place; they are on neither side. */
  leftOut?: ReadonlyMap<string, number>;
}

/** A dataset with the columns of a spec; each iteration reads it again. */
export interface Dataset {
  origin: string;
  /** SHA-256 of its bytes, after a complete read. */
  readonly checksum: string;
  /** Inferences about its format, after a complete read. */
  readonly remarks: readonly string[];
  /** The rule that selects the held-out rows. */
  split: string;
  /**
   * Reads all rows in order.
   * @throws LapidaryError `invalid_dataset` naming line and column of the fault
   */
  blocks(): AsyncGenerator<SplitBlock>;
}

/**
 * Opens a dataset with the spec's features and target; other columns are ignored.
 * @param heldOut which rows are test rows: a part, or all for a model that was not trained on them
 */
export function openDataset(
  source: DataSource,
  spec: Spec,
  heldOut: 'part' | 'all' = 'part',
): Dataset {
  let checksum = '';
  const remarks = new Remarks();
  return {
    origin: source.origin,
    get checksum() {
      return checksum;
    },
    remarks: remarks.all,
    split:
      heldOut === 'all'
        ? 'all rows are test rows'
        : source.format === 'idx'
          ? 'supplied by the data'
          : 'row i is a test row iff ((i * 2654435761) mod 2^32) / 2^32 < 0.2',
    async *blocks() {
      const hash = createHash('sha256');
      const observed = ({ read }: Bytes): Bytes => ({
        async *read() {
          for await (const chunk of read()) {
            hash.update(chunk);
            yield chunk;
          }
        },
      });
      const blocks = readBlocks(source, spec, observed, remarks.add);
      yield* naming(source.origin, heldOut === 'all' ? asTestRows(blocks) : blocks);
      checksum = hash.digest('hex');
    },
  };
}

function readBlocks(
  source: DataSource,
  spec: Spec,
  observed: (bytes: Bytes) => Bytes,
  onRemark: (remark: string) => void,
): AsyncGenerator<SplitBlock> {
  switch (source.format) {
    case 'csv':
      return splitByPlace(readCsvRows({ ...source, ...observed(source) }, spec, onRemark));
    case 'json':
      return splitByPlace(readJsonRows({ ...source, ...observed(source) }, spec, onRemark));
    case 'idx':
      return readIdxBlocks(source, spec, observed);
  }
}

async function* splitByPlace(blocks: AsyncIterable<RowBlock>): AsyncGenerator<SplitBlock> {
  let first = 0;
  for await (const block of blocks) {
    const rows = Uint32Array.from({ length: block.count }, (_, row) => row);
    const isTest = (row: number) => isTestRow(first + row);
    const isTraining = (row: number) => !isTest(row);
    yield {
      training: takeRows(block, rows.filter(isTraining)),
      test: takeRows(block, rows.filter(isTest)),
      ...(block.leftOut && { leftOut: block.leftOut }),
    };
    first += block.count;
  }
}

async function* asTestRows(blocks: AsyncIterable<SplitBlock>): AsyncGenerator<SplitBlock> {
  for await (const { training, test, ...rest } of blocks)
    yield { training: firstRows(training, 0), test: appendRows([training, test]), ...rest };
}

async function* readIdxBlocks(
  source: IdxSource,
  spec: Spec,
  observed: (bytes: Bytes) => Bytes,
): AsyncGenerator<SplitBlock> {
  const read = ({ images, labels }: IdxFiles) =>
    readIdx(
      { images: observed(images), labels: observed(labels) },
      spec.features[0] as ImageFeature,
      classesOf(spec).length,
    );
  const none: RowBlock = { count: 0, values: new Float64Array(), targets: new Float64Array() };
  for await (const training of read(source.training)) yield { training, test: none };
  for await (const test of read(source.test)) yield { training: none, test };
}

/** Converts a row of a block back to the instance that a client would send. */
export function instanceAt(spec: Spec, block: RowBlock, row: number): Record<string, unknown> {
  const values = valuesAt(block, row);
  const { offsets } = layoutOf(spec);
  return Object.fromEntries(
    spec.features.map((feature) => [
      feature.name,
      formatValue(feature, values, offsets.get(feature.name)!),
    ]),
  );
}

/** Returns the true target of a row as in an answer: a number, or a class's name. */
export function targetAt(spec: Spec, block: RowBlock, row: number): number | string {
  const target = block.targets[row]!;
  return spec.target.classes?.[classOf(spec, target)] ?? target;
}

const isSentinel = (word: number | string) => typeof word === 'number';

function formatValue(feature: Feature, values: Float64Array, at: number): unknown {
  const value = values[at]!;
  switch (feature.kind) {
    case 'number':
      return Number.isNaN(value) ? (feature.missing?.find(isSentinel) ?? null) : value;
    case 'category':
      return feature.categories[value] ?? null;
    case 'datetime':
      return Number.isNaN(value) ? null : new Date(value).toISOString();
    case 'image':
      return Array.from({ length: feature.height }, (_, y) =>
        Array.from(values.subarray(at + y * feature.width, at + (y + 1) * feature.width)),
      );
  }
}
