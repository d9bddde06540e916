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
} & (
  | ({ readonly format: 'csv' | 'json' } & Bytes)
  | {
      readonly format: 'idx';
      /** Idx data brings its own split. */
      readonly training: IdxFiles;
      readonly test: IdxFiles;
    }
);
