import { Check } from 'typebox/value';
import type { Page, PageRequest } from '../api/page.js';
import { LapidaryError } from '../core/errors.js';
import { ModelName } from '../ml/spec.js';
import type { DataSource } from '../rows/source.js';
import { Remarks } from '../rows/text/reading.js';
import type { TextOptions } from '../rows/text/text.js';
import { type DatasetDefinition, parseDefinition } from './definition.js';
import { fillBatch } from './fill.js';
import { mergeBatches } from './merge.js';
import type { Batch, BatchFacts, BatchFormat, DatasetStore, OpenBatch, Totals } from './port.js';

const PAGE = 1000;

/** What every batch has to keep to, unless its dataset says otherwise. */
export interface BatchLimits {
  /** Largest batch, unpacked. */
  bytes: number;
  /** Largest share of its rows that may be bad. */
  badShare: number;
  /** Most bytes that a dataset may have; null: any number, as when this is left out. */
  datasetBytes?: () => Promise<number | null>;
}

/** Hears that a dataset has a new batch, once that is on the disk. It must not throw: the batch is there. */
export type OnCommitted = (dataset: string, batch: Batch) => Promise<void>;

/** What came of appending a batch. */
export interface Appended {
  batch: Batch;
  created: boolean;
  /** What was inferred of how it is written, in a sentence each. */
  remarks?: readonly string[];
}

/** A dataset as lists show it. */
export interface DatasetSummary {
  name: string;
  totals: Totals;
}

/** A dataset with some of its batches. */
export interface DatasetDescription extends DatasetSummary {
  definition: DatasetDefinition;
  batches: Page<Batch>;
}

/** Datasets, and the batches that they are made of. */
export class DatasetService {
  constructor(
    private readonly store: DatasetStore,
    readonly limits: BatchLimits,
    private readonly onCommitted: OnCommitted = async () => {},
  ) {}

  /**
   * Creates a dataset, or replaces its definition; its batches stay as they are.
   * @throws LapidaryError `invalid_schema`
   */
  async define(dataset: string, definition: unknown): Promise<'created' | 'replaced'> {
    // Datasets are named as models are.
    if (!Check(ModelName, dataset)) {
      const detail = `"${dataset}" is no name: lower-case letters, digits and hyphens, beginning with a letter, are one`;
      throw new LapidaryError('invalid_schema', detail);
    }
    return this.store.define(dataset, parseDefinition(definition));
  }

  async list(page: PageRequest): Promise<Page<DatasetSummary>> {
    const { items, ...rest } = await this.store.listDatasets(page);
    const summaries = items.map((name) => this.summarise(name));
    return { items: (await Promise.all(summaries)).flat(), ...rest };
  }

  /** @throws LapidaryError `dataset_not_found` */
  async describe(dataset: string, page: PageRequest): Promise<DatasetDescription> {
    const definition = await this.definitionOf(dataset);
    const batches = await this.store.listBatches(dataset, page);
    return { name: dataset, definition, batches, totals: await this.store.readTotals(dataset) };
  }

  /** Removes a dataset with all its batches. @throws LapidaryError `dataset_not_found` */
  async remove(dataset: string): Promise<void> {
    if (!(await this.store.remove(dataset))) throw notFound(dataset);
  }

  /**
   * Puts a batch behind the others; the same content is put once. It is on the disk when this resolves, and
   * nothing stays of it when this rejects.
   * @param chunks text, plain or gzip; it is kept as UTF-8
   * @returns with it what was inferred of how the text is written
   * @throws LapidaryError `dataset_not_found`, `invalid_dataset`, `unsupported_charset`, `too_many_bad_rows`,
   *   `payload_too_large`, `plan_exceeded` when the dataset would become too large
   */
  async append(
    dataset: string,
    format: BatchFormat,
    chunks: AsyncIterable<Uint8Array>,
    { charset, unnamed = 'refused' }: Partial<Pick<TextOptions, 'charset' | 'unnamed'>> = {},
  ): Promise<Appended> {
    const definition = await this.definitionOf(dataset);
    const maximumBadShare = definition.maximumBadShare ?? this.limits.badShare;
    const most = (await this.limits.datasetBytes?.()) ?? Number.POSITIVE_INFINITY;
    const maximumBytes = Math.min(this.limits.bytes, most);
    const remarks = new Remarks();
    const named = charset ?? definition.csv?.charset;
    const text = { format, chunks, unnamed, ...(named !== undefined && { charset: named }) };
    const limits = { maximumBadShare, maximumBytes };
    const source = { ...text, definition, ...limits, onRemark: remarks.add };
    const put = await this.store.putBatchOnce(dataset, async (draft) => {
      const facts = await fillBatch(draft, source);
      await this.requireRoom(dataset, facts, most);
      return facts;
    });
    if (put.created) await this.onCommitted(dataset, put.batch);
    return { ...put, ...(remarks.all.length > 0 && { remarks: remarks.all }) };
  }

  /** @throws LapidaryError `dataset_not_found`, `batch_not_found` */
  async openBatch(dataset: string, id: string): Promise<OpenBatch> {
    const batch = await this.store.openBatch(dataset, id);
    if (batch) return batch;
    await this.definitionOf(dataset);
    throw new LapidaryError('batch_not_found', `dataset "${dataset}" has no batch "${id}"`);
  }

  /**
   * All batches that there are now, as one CSV to train on. Rows keep their places as batches are added,
   * so that a row that was held out once is held out for good.
   * @param first how many batches: as many as there were at another time are the same ones
   * @throws LapidaryError `dataset_not_found`; `batch_not_found` when there are fewer
   */
  async openDataset({ dataset, first }: { dataset: string; first?: number }): Promise<DataSource> {
    const definition = await this.definitionOf(dataset);
    const batches: OpenBatch[] = [];
    let cursor: string | undefined;
    do {
      const limit = Math.min(PAGE, (first ?? Number.POSITIVE_INFINITY) - batches.length);
      if (limit === 0) break;
      const page = { limit, ...(cursor !== undefined && { cursor }) };
      const { items, next } = await this.store.listBatches(dataset, page);
      for (const { id } of items) batches.push(await this.openBatch(dataset, id));
      cursor = next;
    } while (cursor !== undefined);
    if (first !== undefined && batches.length < first) {
      const detail = `dataset "${dataset}" had ${first} batches, and has ${batches.length} now`;
      throw new LapidaryError('batch_not_found', detail);
    }
    return mergeBatches(dataset, definition, batches);
  }

  /** Removes what crashes left behind. @param before nothing younger is touched */
  sweep(before: Date): Promise<void> {
    return this.store.sweep(before);
  }

  /** Batches that come at the same time do not see each other. */
  private async requireRoom(dataset: string, { id, bytes }: BatchFacts, most: number) {
    if (most === Number.POSITIVE_INFINITY) return;
    const { bytes: taken } = await this.store.readTotals(dataset);
    // What is there already needs no room.
    if (taken + bytes <= most || (await this.store.openBatch(dataset, id))) return;
    const detail = `the plan allows ${most} bytes in a dataset; there are ${taken}, and these are ${bytes}`;
    throw new LapidaryError('plan_exceeded', detail);
  }

  /** Nothing, when it was removed meanwhile. */
  private async summarise(name: string): Promise<DatasetSummary[]> {
    try {
      return [{ name, totals: await this.store.readTotals(name) }];
    } catch (error) {
      if (error instanceof LapidaryError && error.code === 'dataset_not_found') return [];
      throw error;
    }
  }

  private async definitionOf(dataset: string): Promise<DatasetDefinition> {
    const definition = await this.store.readDefinition(dataset);
    if (!definition) throw notFound(dataset);
    return definition;
  }
}

function notFound(dataset: string): LapidaryError {
  return new LapidaryError('dataset_not_found', `there is no dataset "${dataset}"`);
}
