import type { VersionFiles } from './version.js';

/** Where versions and aliases are kept. */
export interface RegistryStore {
  /** Names of all models that have an alias, sorted. */
  listModels(): Promise<string[]>;

  /** The version an alias points to; undefined when model or alias is not there. */
  readAlias(model: string, alias: string): Promise<string | undefined>;

  /**
   * The files of a version.
   * @throws LapidaryError `version_corrupt` when one is missing
   */
  readVersion(model: string, id: string): Promise<VersionFiles>;

  /** Keeps a version, whole or not at all. A version that is there already is left as it is. */
  publish(model: string, id: string, files: VersionFiles): Promise<void>;

  /**
   * Points an alias to a version if it still points where the caller thinks.
   * @param expected the version it points to now; undefined when it is not there yet
   * @throws LapidaryError `version_conflict` when somebody else moved it, `version_not_found` when `next`
   *   was never published
   */
  moveAlias(
    model: string,
    alias: string,
    expected: string | undefined,
    next: string,
  ): Promise<void>;
}
