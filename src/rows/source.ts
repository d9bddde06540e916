import type { Dialect } from '../csv/dialect.js';

/** Bytes that can be read from the beginning any number of times. */
export interface Bytes {
  read(): AsyncIterable<Uint8Array>;
}

/** An IDX file of images, and one of their class indices. */
export interface IdxFiles {
  images: Bytes;
  labels: Bytes;
}

/** The location and format of data. */
export type DataSource = {
  /** Where the data is from, for readers: a package and version, a bucket and key. */
  readonly origin: string;
  /** Of a dataset: its batches at the time of opening, in order. */
  readonly dataset?: {
    name: string;
    batches: readonly string[];
    rows: number;
    /** Time of the last batch, ISO 8601; undefined without batches. */
    changedAt?: string;
  };
} & (
  | ({
      readonly format: 'csv';
      readonly dialect?: Partial<Dialect>;
      readonly charset?: string;
      /** Whether the first line is the header as it is, without inference. */
      readonly exactHeader?: true;
    } & Bytes)
  | ({ readonly format: 'json'; readonly charset?: string } & Bytes)
  | {
      readonly format: 'idx';
      /** IDX data has its own split. */
      readonly training: IdxFiles;
      readonly test: IdxFiles;
    }
);
