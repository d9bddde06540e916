import type { BatchFormat } from '../api/body.js';
import type { Page, PageRequest } from '../api/page.js';
import type { Bytes } from '../rows/source.js';
import type { DatasetDefinition } from './definition.js';

export type { BatchFormat } from '../api/body.js';

/** A dataset and its owner: a client or the operator. */
export interface OwnedDataset {
  client: string;
  dataset: string;
}

/** Facts about a batch once it was read. */
export interface BatchFacts {
  /** The first 16 hexadecimal digits of the checksum. */
  id: string;
  format: BatchFormat;
  /** SHA-256 of its bytes, in hexadecimal. */
  checksum: string;
  bytes: number;
  /** Good rows. */
  rows: number;
  /** Bad rows; they stay in the content, and are never read from it. */
  quarantined: number;
}

/** A committed batch. */
export interface Batch extends BatchFacts {
  /** ISO 8601; never before that of the previous batch. */
  committedAt: string;
}

/** A readable batch. */
export interface OpenBatch {
  batch: Batch;
  /** The uploaded bytes, decompressed. */
  content: Bytes;
  /** CSV: line, column, reason and row of each bad row, in the order of the lines. */
  quarantine: Bytes;
}

/** A batch that is being written, invisible to readers. */
export interface BatchDraft {
  writeContent(bytes: Uint8Array): Promise<void>;
  writeQuarantine(bytes: Uint8Array): Promise<void>;
}

export interface Totals {
  batches: number;
  rows: number;
  quarantined: number;
  bytes: number;
}

/** Store of datasets and their batches. */
export interface DatasetStore {
  /** Creates a dataset, or replaces its definition and leaves its batches as they are. */
  define(dataset: string, definition: DatasetDefinition): Promise<'created' | 'replaced'>;
  /** Returns undefined for an unknown dataset. */
  readDefinition(dataset: string): Promise<DatasetDefinition | undefined>;
  /** Names, sorted. */
  listDatasets(page: PageRequest): Promise<Page<string>>;
  /** Removes a dataset with all that belongs to it. @returns whether there was one */
  remove(dataset: string): Promise<boolean>;

  /**
   * Puts a batch behind all others: whole and for good, or not at all. Of batches with the same id only
   * the first is put. When `write` fails nothing stays of it.
   * @throws LapidaryError `dataset_not_found`, also when it is removed meanwhile
   */
  putBatchOnce(
    dataset: string,
    write: (draft: BatchDraft) => Promise<BatchFacts>,
  ): Promise<{ batch: Batch; created: boolean }>;
  /**
   * Returns undefined for an unknown batch or dataset. Reading it throws LapidaryError `dataset_not_found` when
   * that is removed meanwhile.
   */
  openBatch(dataset: string, id: string): Promise<OpenBatch | undefined>;
  /** In the order in which they were put. @throws LapidaryError `dataset_not_found` */
  listBatches(dataset: string, page: PageRequest): Promise<Page<Batch>>;
  /** @throws LapidaryError `dataset_not_found` */
  readTotals(dataset: string): Promise<Totals>;

  /** Removes what was left half-written before a moment. */
  sweep(before: Date): Promise<void>;
}

/** A batch that comes in parts. */
export interface Upload {
  id: string;
  format: BatchFormat;
  /** What all parts together have to be unpacked with. */
  compression?: 'gzip';
  charset?: string;
  /** ISO 8601. */
  expiresAt: string;
}

export interface PartFacts {
  /** SHA-256 in hexadecimal. */
  checksum: string;
  bytes: number;
}

export interface Part extends PartFacts {
  /** From 1. */
  number: number;
}

export interface UploadState extends Upload {
  /** In the order of their numbers. */
  parts: Part[];
  /** Id of the batch that it became. */
  batch?: string;
}

/** Where parts are kept until they are a batch. */
export interface UploadStore {
  /** @throws LapidaryError `dataset_not_found` */
  start(dataset: string, upload: Upload): Promise<void>;
  /** Returns undefined for an unknown upload or dataset. */
  read(dataset: string, upload: string): Promise<UploadState | undefined>;
  /**
   * Keeps a part, in place of another with its number. When `write` fails that one stays.
   * @throws LapidaryError `upload_not_found`
   */
  putPart(
    dataset: string,
    upload: string,
    number: number,
    write: (sink: (bytes: Uint8Array) => Promise<void>) => Promise<PartFacts>,
  ): Promise<void>;
  /** The bytes of these parts, one after another. @throws LapidaryError `upload_incomplete` when one is gone */
  readParts(dataset: string, upload: string, parts: readonly Part[]): AsyncIterable<Uint8Array>;
  /** Keeps what became of it, and nothing of its parts. */
  finish(dataset: string, upload: string, batch: string): Promise<void>;
  /** @returns whether there was one */
  abort(dataset: string, upload: string): Promise<boolean>;
  /** How many uploads of all datasets are neither a batch nor expired. */
  countOpen(): Promise<number>;
  /** Removes uploads that expired before a moment. */
  sweep(before: Date): Promise<void>;
}
