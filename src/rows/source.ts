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

/** A CSV file, and the known parts of its format. */
export interface CsvSource extends Bytes {
  readonly dialect?: Partial<Dialect>;
  readonly charset?: string;
  /** Whether the first line is the header as it is, without inference. */
  readonly exactHeader?: boolean;
}

/** A JSON file. */
export interface JsonSource extends Bytes {
  readonly charset?: string;
}

/** IDX files, which have their own split. */
export interface IdxSource {
  readonly training: IdxFiles;
  readonly test: IdxFiles;
}

/** The location and format of data. */
export type DataSource = {
  /** Description of the source, for the model card: a package and version, or a bucket and key. */
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
  | ({ readonly format: 'csv' } & CsvSource)
  | ({ readonly format: 'json' } & JsonSource)
  | ({ readonly format: 'idx' } & IdxSource)
);
