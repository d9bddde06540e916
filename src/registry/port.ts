import type { VersionFiles } from './version.js';

/** What an alias points to. */
export interface AliasTarget {
  version: string;
  /** Of a challenger: the part of the requests that it answers, from 0 to 1. */
  share?: number;
  /** Of a challenger: it is run beside the champion, and what it says is logged, never answered. */
  shadow?: boolean;
}

/** The part of serving that follows moved aliases. */
export interface Serving {
  /** Loads a version. @throws LapidaryError `version_corrupt` when it cannot be served */
  loadVersion(model: string, id: string): Promise<unknown>;
  /** Serves what the aliases of a model point to now. It never throws. */
  recheck(model: string): Promise<void>;
}

/** Where versions and aliases are kept. */
export interface RegistryStore {
  /** Names of all models that have an alias, sorted. */
  listModels(): Promise<string[]>;

  /** The ids of a model's versions, sorted; none of a model that is not there. */
  listVersions(model: string): Promise<string[]>;

  /** The aliases of a model that point to something, sorted by their names. */
  listAliases(model: string): Promise<Map<string, AliasTarget>>;

  /** What an alias points to; undefined when model or alias is not there. */
  readAlias(model: string, alias: string): Promise<AliasTarget | undefined>;

  /** What each move of an alias pointed it to, the first first; undefined is a move that took it away. */
  aliasHistory(model: string, alias: string): Promise<(AliasTarget | undefined)[]>;

  /**
   * The files of a version.
   * @throws LapidaryError `version_corrupt` when one is missing
   */
  readVersion(model: string, id: string): Promise<VersionFiles>;

  /**
   * A version's `version.json` alone: all that is known of it but its network.
   * @throws LapidaryError `version_not_found`; `version_corrupt` when only this file is missing
   */
  readRecord(model: string, id: string): Promise<Uint8Array>;

  /** Keeps a version, whole or not at all. A version that is there already is left as it is. */
  publish(model: string, id: string, files: VersionFiles): Promise<void>;

  /**
   * Removes a version, whole or not at all.
   * @throws LapidaryError `version_not_found`, `version_in_use` when an alias points to it
   */
  deleteVersion(model: string, id: string): Promise<void>;

  /** Removes what publishing, deleting and moving left half-done before a moment. */
  sweep(before: Date): Promise<void>;

  /**
   * Points an alias to a version if it still points where the caller thinks. What it pointed to before
   * stays in its history.
   * @param expected the version it points to now; undefined when it is not there yet
   * @param next undefined takes the alias away
   * @throws LapidaryError `version_conflict` when it was moved concurrently, `version_not_found` when the
   *   version of `next` is not there
   */
  moveAlias(
    model: string,
    alias: string,
    expected: string | undefined,
    next: AliasTarget | undefined,
  ): Promise<void>;
}
