/** A dataset that can be read from its beginning, any number of times. */
export interface DataSource {
  /** Where the data comes from, for people: a package and version, a bucket and key. */
  readonly origin: string;
  /** Its bytes: CSV with a header. */
  read(): AsyncIterable<Uint8Array>;
}
