/** Reads models that were trained elsewhere. Paths are as entered by the user. */
export interface ForeignModels {
  /** Reads a spec as parsed JSON. @throws LapidaryError `invalid_spec` if it is missing or not JSON */
  readSpec(path: string): Promise<unknown>;
  /**
   * Lists the names of the files in a directory; 'file' if the path is a file.
   * @throws LapidaryError `invalid_model` if the path does not exist
   */
  list(path: string): Promise<readonly string[] | 'file'>;
  /**
   * Reads one of a model's files, which must be a plain file in its directory.
   * @param directory that contains `model.json` @param name from `model.json`
   * @param mostBytes maximum size; a larger file is not read
   * @throws LapidaryError `invalid_model` if it is missing or outside of the directory
   */
  readFile(directory: string, name: string, mostBytes: number): Promise<Uint8Array>;
}
