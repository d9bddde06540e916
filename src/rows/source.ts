import type { Dialect } from '../csv/dialect.js';

/** Bytes that can be read from their beginning, any number of times. */
export interface Bytes {
  read(): AsyncIterable<Uint8Array>;
}

/** Images and the indices of their classes, each in an IDX file. */
export interface IdxFiles {
  images: Bytes;
  labels: Bytes;
}

/** Where a dataset can be read from, and how. */
export type DataSource = {
  /** Where the data comes from, for people: a package and version, a bucket and key. */
  readonly origin: string;
  /** Of a dataset: the batches that it had when it was opened, in their order. */
  readonly dataset?: {
    name: string;
    batches: readonly string[];
    rows: number;
    /** When the last of them came, ISO 8601; undefined where there is none. */
    changedAt?: string;
  };
} & (
  | ({
      readonly format: 'csv';
      readonly dialect?: Partial<Dialect>;
      readonly charset?: string;
      /** Whether nothing is to be inferred of its first line. */
      readonly exactHeader?: true;
    } & Bytes)
  | ({ readonly format: 'json'; readonly charset?: string } & Bytes)
  | {
      readonly format: 'idx';
      /** Idx data brings its own split. */
      readonly training: IdxFiles;
      readonly test: IdxFiles;
    }
);
