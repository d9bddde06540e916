import type { AliasTarget } from './schema.js';
import type { VersionFiles } from './version.js';

export type { AliasTarget } from './schema.js';

/** The part of serving that follows moved aliases. */
export interface Serving {
  /** Loads a version and closes it. @throws LapidaryError `version_corrupt` */
  prove(model: string, id: string): Promise<void>;
  /** Checks the aliases of a model and serves their current targets. It never throws. */
  recheck(model: string): Promise<void>;
}

/** Stores versions and aliases durably. */
export interface RegistryStore {
  /** Returns the names of all models with an alias, sorted. */
  listModels(): Promise<string[]>;

  /** Returns the ids of the versions of a model, sorted; none for an unknown model. */
  listVersions(model: string): Promise<string[]>;

  /** Returns the aliases of a model that have a target, sorted by name. */
  listAliases(model: string): Promise<Map<string, AliasTarget>>;

  /** Returns the target of an alias; undefined for an unknown model or alias. */
  readAlias(model: string, alias: string): Promise<AliasTarget | undefined>;

  /** Returns the target of each move of an alias, the oldest first; undefined for a removal. */
  aliasHistory(model: string, alias: string): Promise<(AliasTarget | undefined)[]>;

  /**
   * Reads the files of a version.
   * @throws LapidaryError `version_corrupt` when one is missing
   */
  readVersion(model: string, id: string): Promise<VersionFiles>;

  /**
   * Reads the `version.json` of a version: everything except its network.
   * @throws LapidaryError `version_not_found`; `version_corrupt` when only this file is missing
   */
  readRecord(model: string, id: string): Promise<Uint8Array>;

  /** Stores a version, whole or not at all. A version that exists is not changed. */
  publish(model: string, id: string, files: VersionFiles): Promise<void>;

  /**
   * Removes a version, whole or not at all.
   * @throws LapidaryError `version_not_found`, `version_in_use` when an alias points to it
   */
  deleteVersion(model: string, id: string): Promise<void>;

  /** Returns the names of all models, those without an alias included. */
  names(): Promise<string[]>;
  /**
   * Removes leftovers of interrupted publications and removals of a model before a moment.
   * @returns whether younger ones are left
   */
  sweep(model: string, before: Date): Promise<boolean>;

  /**
   * Moves an alias if its current target is the expected one. The history keeps earlier targets.
   * @param expected the current version; undefined for an alias without a target
   * @param next undefined removes the alias
   * @throws LapidaryError `version_conflict` when another request moved it, `version_not_found` when the version of
   *   `next` does not exist
   */
  moveAlias(
    model: string,
    alias: string,
    expected: string | undefined,
    next: AliasTarget | undefined,
  ): Promise<void>;
}
