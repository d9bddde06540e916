/** Where models that were trained elsewhere are read from; paths are as a person names them. */
export interface ForeignModels {
  /** A spec, parsed from JSON. @throws LapidaryError `invalid_spec` when there is none */
  readSpec(path: string): Promise<unknown>;
  /**
   * The names of the files in a directory, or that the path is itself a file.
   * @throws LapidaryError `invalid_model` when there is nothing
   */
  list(path: string): Promise<readonly string[] | 'file'>;
  /**
   * One of a model's files, which is a plain file in its directory.
   * @param directory that holds `model.json` @param name as `model.json` has it
   * @param mostBytes nothing is read of a longer one
   * @throws LapidaryError `invalid_model` when there is no such file, or it would lie elsewhere
   */
  readFile(directory: string, name: string, mostBytes: number): Promise<Uint8Array>;
}
