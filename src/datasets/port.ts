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

/** Facts about a batch that was read. */
export interface BatchFacts {
  /** The first 16 hexadecimal digits of the checksum. */
  id: string;
  format: BatchFormat;
  /** SHA-256 of its bytes, in hexadecimal. */
  checksum: string;
  bytes: number;
  /** Good rows. */
  rows: number;
  /** Bad rows, which stay in the content but are skipped when it is read. */
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
  /** Lists names, sorted. */
  listDatasets(page: PageRequest): Promise<Page<string>>;
  /** Removes a dataset with its batches and uploads. @returns whether it existed */
  remove(dataset: string): Promise<boolean>;

  /**
   * Appends a batch durably and atomically. Of batches with the same id only the first is stored; nothing is stored if
   * `write` fails.
   * @throws LapidaryError `dataset_not_found`, also if it is removed meanwhile
   */
  putBatchOnce(
    dataset: string,
    write: (draft: BatchDraft) => Promise<BatchFacts>,
  ): Promise<{ batch: Batch; created: boolean }>;
  /**
   * Returns undefined for an unknown batch or dataset. Reading it throws LapidaryError `dataset_not_found` if the
   * dataset is removed meanwhile.
   */
  openBatch(dataset: string, id: string): Promise<OpenBatch | undefined>;
  /** Lists batches in the order in which they were appended. @throws LapidaryError `dataset_not_found` */
  listBatches(dataset: string, page: PageRequest): Promise<Page<Batch>>;
  /** Returns the totals of a dataset. @throws LapidaryError `dataset_not_found` */
  readTotals(dataset: string): Promise<Totals>;

  /** Returns the names of all datasets, removed ones included. */
  names(): Promise<string[]>;
  /**
   * Removes incomplete batches of a dataset that were begun before a moment, and leftovers of removals.
   * @returns whether younger ones are left
   */
  sweep(dataset: string, before: Date): Promise<boolean>;
}

/** A batch that is uploaded in parts. */
export interface Upload {
  id: string;
  format: BatchFormat;
  /** Compression of all parts together. */
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
  /** Id of the batch, once complete. */
  batch?: string;
}

/** Stores parts until they are appended as a batch. */
export interface UploadStore {
  /** Starts an upload. @throws LapidaryError `dataset_not_found` */
  start(dataset: string, upload: Upload): Promise<void>;
  /** Returns undefined for an unknown upload or dataset. */
  read(dataset: string, upload: string): Promise<UploadState | undefined>;
  /**
   * Stores a part in place of an earlier one with the same number. If `write` fails, the earlier one is kept.
   * @throws LapidaryError `upload_not_found`
   */
  putPart(
    dataset: string,
    upload: string,
    number: number,
    write: (sink: (bytes: Uint8Array) => Promise<void>) => Promise<PartFacts>,
  ): Promise<void>;
  /** Reads the bytes of parts, in their order. @throws LapidaryError `upload_incomplete` if one was removed */
  readParts(dataset: string, upload: string, parts: readonly Part[]): AsyncIterable<Uint8Array>;
  /** Records the batch of a completed upload, and removes its parts. */
  finish(dataset: string, upload: string, batch: string): Promise<void>;
  /** Removes an upload. @returns whether it existed */
  abort(dataset: string, upload: string): Promise<boolean>;
  /** Counts the uploads of all datasets that are neither complete nor expired. */
  countOpen(): Promise<number>;
  /** Returns all uploads, partly removed ones included. */
  list(): Promise<{ dataset: string; id: string }[]>;
  /**
   * Removes an upload that expired before a moment, or was partly removed before it.
   * @returns the later moment for one that is left; undefined: nothing is left
   */
  sweep(dataset: string, upload: string, before: Date): Promise<Date | undefined>;
}
