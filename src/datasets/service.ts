import type { Page, PageRequest } from '../api/page.js';
import { type Agenda, NO_AGENDA } from '../chores/port.js';
import { defined } from '../core/defined.js';
import { LapidaryError } from '../core/errors.js';
import { requireName } from '../ml/parse-spec.js';
import type { DataSource } from '../rows/source.js';
import { knownCharset } from '../rows/text/charset.js';
import { Remarks } from '../rows/text/reading.js';
import type { TextOptions } from '../rows/text/text.js';
import { noteScratch } from './chores.js';
import { type DatasetDefinition, parseDefinition } from './definition.js';
import { fillBatch } from './fill.js';
import { mergeBatches } from './merge.js';
import type { Batch, BatchFacts, BatchFormat, DatasetStore, OpenBatch, Totals } from './port.js';

const PAGE = 1000;

/** Limits of batches; a dataset can override them. */
export interface BatchLimits {
  /** Largest batch, decompressed. */
  bytes: number;
  /** Largest accepted share of bad rows. */
  badShare: number;
  /** Returns the most bytes of a dataset; null, the default, is no limit. */
  datasetBytes?: () => Promise<number | null>;
}

/** Calls around the commit of a new batch. */
export interface Commits {
  /** Called before the commit; when it throws, nothing is committed. */
  before?(dataset: string): Promise<void>;
  /** Called once the batch is durable; must not throw. */
  after?(dataset: string, batch: Batch): Promise<void>;
}

/** Result of appending a batch. */
export interface Appended {
  batch: Batch;
  created: boolean;
  /** Inferences about the format, one sentence each. */
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

/** Manages datasets and their batches. */
export class DatasetService {
  constructor(
    private readonly store: DatasetStore,
    readonly limits: BatchLimits,
    private readonly commits: Commits = {},
    private readonly agenda: Agenda = NO_AGENDA,
  ) {}

  /**
   * Creates a dataset, or replaces its definition and keeps its batches.
   * @throws LapidaryError `invalid_schema`
   */
  async define(dataset: string, definition: unknown): Promise<'created' | 'replaced'> {
    requireName(dataset, 'invalid_schema');
    const parsed = parseDefinition(definition);
    await requireCharset(parsed.csv?.charset);
    return this.store.define(dataset, parsed);
  }

  /** Lists datasets by name. */
  async list(page: PageRequest): Promise<Page<DatasetSummary>> {
    const { items, ...rest } = await this.store.listDatasets(page);
    const summaries = items.map((name) => this.summarise(name));
    return { items: (await Promise.all(summaries)).flat(), ...rest };
  }

  /** Describes a dataset with a page of its batches. @throws LapidaryError `dataset_not_found` */
  async describe(dataset: string, page: PageRequest): Promise<DatasetDescription> {
    const definition = await this.definitionOf(dataset);
    const batches = await this.store.listBatches(dataset, page);
    return { name: dataset, definition, batches, totals: await this.store.readTotals(dataset) };
  }

  /** Removes a dataset with all its batches. @throws LapidaryError `dataset_not_found` */
  async remove(dataset: string): Promise<void> {
    await this.definitionOf(dataset);
    await noteScratch(this.agenda, dataset);
    if (!(await this.store.remove(dataset))) throw notFound(dataset);
  }

  /**
   * Appends a batch; the same content is stored once. The batch is durable when this resolves, and removed when it
   * rejects.
   * @param chunks text, plain or gzip; stored as UTF-8
   * @throws LapidaryError `dataset_not_found`, `invalid_dataset`, `unsupported_charset`, `too_many_bad_rows`,
   *   `payload_too_large`, `plan_exceeded` when the dataset would exceed the plan
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
    const text = { format, chunks, unnamed, charset: charset ?? definition.csv?.charset };
    const limits = { maximumBadShare, maximumBytes };
    const source = { ...text, definition, ...limits, onRemark: remarks.add };
    await noteScratch(this.agenda, dataset);
    const put = await this.store.putBatchOnce(dataset, async (draft) => {
      const facts = await fillBatch(draft, source);
      await this.requireRoom(dataset, facts, most);
      await this.commits.before?.(dataset);
      return facts;
    });
    if (put.created) await this.commits.after?.(dataset, put.batch);
    return { ...put, ...(remarks.all.length > 0 && { remarks: remarks.all }) };
  }

  /** Opens a batch for reading. @throws LapidaryError `dataset_not_found`, `batch_not_found` */
  async openBatch(dataset: string, id: string): Promise<OpenBatch> {
    const batch = await this.store.openBatch(dataset, id);
    if (batch) return batch;
    await this.definitionOf(dataset);
    throw new LapidaryError('batch_not_found', `dataset "${dataset}" has no batch "${id}"`);
  }

  /**
   * Returns all current batches as one CSV to train on. Rows keep their positions as batches are appended, so that a
   * held-out row stays held out.
   * @param first number of batches; the same number always means the same batches
   * @throws LapidaryError `dataset_not_found`; `batch_not_found` when there are fewer
   */
  async openDataset({ dataset, first }: { dataset: string; first?: number }): Promise<DataSource> {
    const definition = await this.definitionOf(dataset);
    const batches: OpenBatch[] = [];
    let cursor: string | undefined;
    do {
      const limit = Math.min(PAGE, (first ?? Number.POSITIVE_INFINITY) - batches.length);
      if (limit === 0) break;
      const { items, next } = await this.store.listBatches(dataset, {
        limit,
        ...defined({ cursor }),
      });
      for (const { id } of items) batches.push(await this.openBatch(dataset, id));
      cursor = next;
    } while (cursor !== undefined);
    if (first !== undefined && batches.length < first) {
      const detail = `dataset "${dataset}" had ${first} batches, and has ${batches.length} now`;
      throw new LapidaryError('batch_not_found', detail);
    }
    return mergeBatches(dataset, definition, batches);
  }

  /** Returns the names of all datasets, also of those that were removed. */
  names(): Promise<string[]> {
    return this.store.names();
  }

  /** Removes what crashes left of a dataset before a moment. @returns whether something younger is half-written */
  sweep(dataset: string, before: Date): Promise<boolean> {
    return this.store.sweep(dataset, before);
  }

  /** Checks the plan. Batches that are appended concurrently are not counted. */
  private async requireRoom(dataset: string, { id, bytes }: BatchFacts, most: number) {
    if (most === Number.POSITIVE_INFINITY) return;
    const { bytes: taken } = await this.store.readTotals(dataset);
    // An existing batch takes no further space.
    if (taken + bytes <= most || (await this.store.openBatch(dataset, id))) return;
    const detail = `the plan allows ${most} bytes in a dataset; it has ${taken}, and this batch has ${bytes}`;
    throw new LapidaryError('plan_exceeded', detail);
  }

  /** Returns a summary; none if the dataset was removed meanwhile. */
  private async summarise(name: string): Promise<DatasetSummary[]> {
    try {
      return [{ name, totals: await this.store.readTotals(name) }];
    } catch (error) {
      if (error instanceof LapidaryError && error.code === 'dataset_not_found') return [];
      throw error;
    }
  }

  /** @throws LapidaryError `dataset_not_found` */
  async definitionOf(dataset: string): Promise<DatasetDefinition> {
    const definition = await this.store.readDefinition(dataset);
    if (!definition) throw notFound(dataset);
    return definition;
  }
}

/** @throws LapidaryError `invalid_schema` when nothing can be read in that charset */
async function requireCharset(name: string | undefined): Promise<void> {
  if (name === undefined) return;
  await knownCharset(name).catch(({ message }: Error) => {
    const fault = { field: '/csv/charset', code: 'invalid_field', message };
    throw new LapidaryError('invalid_schema', `/csv/charset: ${message}`, [fault]);
  });
}

function notFound(dataset: string): LapidaryError {
  return new LapidaryError('dataset_not_found', `dataset "${dataset}" does not exist`);
}
