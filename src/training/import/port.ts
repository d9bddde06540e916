/** Where models that were trained elsewhere are read from; paths are as a person names them. */
export interface ForeignModels {
  /** A spec, parsed from JSON. @throws LapidaryError `invalid_spec` when there is none */
  readSpec(path: string): Promise<unknown>;
  /**
   * One of a model's files.
   * @param directory that holds `model.json` @param name as `model.json` has it
   * @throws LapidaryError `invalid_model` when there is no such file, or it would lie elsewhere
   */
  readFile(directory: string, name: string): Promise<Uint8Array>;
}
