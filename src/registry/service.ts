import type { Page, PageRequest } from '../api/page.js';
import { type Agenda, NO_AGENDA } from '../chores/port.js';
import { LapidaryError } from '../core/errors.js';
import {
  aliasesOf,
  CHAMPION,
  type ChooseTarget,
  checkTarget,
  modelNotFound,
  moveAlias,
  refusalToRemove,
} from './aliases.js';
import { noteUnfinished } from './chores.js';
import { compareVersions } from './compare.js';
import { pageOfVersions, Summaries, summaryOf } from './listing.js';
import type { AliasTarget, RegistryStore, Serving } from './port.js';
import type { Comparison, VersionSummary } from './schema.js';
import { packVersion, unpackRecord, type Version, type VersionRecord } from './version.js';

/** The summary of a version, and the aliases that point to it. */
export type ListedVersion = VersionSummary & { aliases: string[] };

/** An alias, and the version that a rollback restores. */
export type ListedAlias = { alias: string; previous?: string } & AliasTarget;

/** Publishes and lists the versions of models, and moves aliases between them. Shared models are read-only. */
export class VersionService {
  private readonly summaries = new Summaries((model, id) => this.record(model, id));

  /** @param shared has the models that all clients share */
  constructor(
    private readonly store: RegistryStore,
    private readonly serving: Serving,
    private readonly shared?: VersionService,
    private readonly agenda: Agenda = NO_AGENDA,
  ) {}

  /** Returns whether a model exists. */
  async has(model: string): Promise<boolean> {
    return (await this.store.listVersions(model)).length > 0;
  }

  /** Stores a version; no alias moves. @returns its id */
  async keep(content: Omit<Version, 'id'>): Promise<string> {
    const { id, files } = packVersion(content);
    await noteUnfinished(this.agenda, content.spec.name);
    await this.store.publish(content.spec.name, id, files);
    return id;
  }

  /** Stores a version and makes it the champion. @returns its id */
  async publish(content: Omit<Version, 'id'>): Promise<string> {
    const version = await this.keep(content);
    await this.move(content.spec.name, CHAMPION, undefined, () => ({ version }));
    return version;
  }

  /** @throws LapidaryError `model_shared` for a model that is shared, and not the client's own */
  async requireOwn(model: string): Promise<void> {
    if (!(await (await this.sharedOf(model))?.has(model))) return;
    const detail = `model "${model}" is shared by all clients and cannot be changed`;
    throw new LapidaryError('model_shared', detail);
  }

  /** Returns the service of a model that is shared; undefined for the client's own. */
  private async sharedOf(model: string): Promise<VersionService | undefined> {
    return this.shared && !(await this.has(model)) ? this.shared : undefined;
  }

  /**
   * Lists versions of a model, the newest first.
   * @throws LapidaryError `model_not_found`; `invalid_request` for a malformed cursor
   */
  async list(model: string, page: PageRequest): Promise<Page<ListedVersion>> {
    const shared = await this.sharedOf(model);
    if (shared) return shared.list(model, page);
    const [ids, aliases] = await Promise.all([
      this.store.listVersions(model),
      this.store.listAliases(model),
    ]);
    if (ids.length === 0) throw modelNotFound(model);
    const { items, ...more } = pageOfVersions(await this.summaries.of(model, ids), page);
    return {
      items: items.map((summary) => ({ ...summary, aliases: aliasesOf(aliases, summary.id) })),
      ...more,
    };
  }

  /**
   * Describes a version.
   * @throws LapidaryError `version_not_found`, `version_corrupt`
   */
  async describe(model: string, id: string): Promise<VersionRecord & { aliases: string[] }> {
    const shared = await this.sharedOf(model);
    if (shared) return shared.describe(model, id);
    const [record, aliases] = await Promise.all([
      this.record(model, id),
      this.store.listAliases(model),
    ]);
    return { ...record, aliases: aliasesOf(aliases, id) };
  }

  /** Returns the readable versions of a model; none for an unknown model. */
  async records(model: string): Promise<VersionRecord[]> {
    const ids = await this.store.listVersions(model);
    const records = await Promise.all(
      ids.map((id) =>
        this.record(model, id).catch((error: unknown) => {
          if (error instanceof LapidaryError) return undefined;
          throw error;
        }),
      ),
    );
    return records.filter((record) => record !== undefined);
  }

  /** Returns the versions of the champion, the current one last; undefined for a removal. */
  async championHistory(model: string): Promise<(string | undefined)[]> {
    const history = await this.store.aliasHistory(model, CHAMPION);
    return history.map((target) => target?.version);
  }

  /** Lists the aliases of a model by name. @throws LapidaryError `model_not_found` */
  async aliases(model: string): Promise<ListedAlias[]> {
    const shared = await this.sharedOf(model);
    if (shared) return shared.aliases(model);
    const aliases = await this.store.listAliases(model);
    if (aliases.size === 0 && (await this.store.listVersions(model)).length === 0)
      throw modelNotFound(model);
    return Promise.all(
      [...aliases].map(async ([alias, target]) => {
        const previous = (await this.store.aliasHistory(model, alias)).at(-2)?.version;
        return { alias, ...target, ...(previous !== undefined && { previous }) };
      }),
    );
  }

  /**
   * Points an alias to a version that can be loaded.
   * @param expected the version that the alias must point to now, null for none; not checked when undefined
   * @throws LapidaryError `version_not_found`, `version_corrupt`, `version_conflict`, `model_shared`; `invalid_request`
   *   for a target that the alias cannot have
   */
  async promote(
    model: string,
    alias: string,
    target: AliasTarget,
    expected?: string | null,
  ): Promise<AliasTarget> {
    await this.requireOwn(model);
    checkTarget(alias, target);
    await this.record(model, target.version);
    await this.serving.prove(model, target.version);
    await this.move(model, alias, expected, () => target);
    return target;
  }

  /**
   * Points an alias to its version before the last move. This is a move too: a second rollback undoes the first.
   * @param expected as in {@link promote}
   * @throws LapidaryError `model_not_found`, `no_previous_version`, `version_conflict`, `model_shared`;
   *   `version_not_found` when that version was deleted
   */
  async rollback(model: string, alias: string, expected?: string | null): Promise<AliasTarget> {
    await this.requireOwn(model);
    return (await this.move(model, alias, expected, async (current) => {
      if (!current && (await this.store.listVersions(model)).length === 0)
        throw modelNotFound(model);
      const previous = (await this.store.aliasHistory(model, alias)).at(-2);
      if (previous) return previous;
      const detail = `${alias} of ${model} has no previous version`;
      throw new LapidaryError('no_previous_version', detail);
    }))!;
  }

  /**
   * Removes an alias.
   * @throws LapidaryError `alias_not_found`, `model_shared`; `invalid_request` for the champion
   */
  async removeAlias(model: string, alias: string): Promise<void> {
    await this.requireOwn(model);
    const refusal = refusalToRemove(alias);
    if (refusal) throw refusal;
    await this.move(model, alias, undefined, (current) => {
      if (current) return undefined;
      throw new LapidaryError('alias_not_found', `${model} has no alias ${alias}`);
    });
  }

  /** Returns the names of all models of the client, also of those without an alias. */
  names(): Promise<string[]> {
    return this.store.names();
  }

  /** Removes what crashes left of a model before a moment. @returns whether something younger is half-done */
  sweep(model: string, before: Date): Promise<boolean> {
    return this.store.sweep(model, before);
  }

  /** Removes a version. @throws LapidaryError `version_not_found`, `version_in_use`, `model_shared` */
  async delete(model: string, id: string): Promise<void> {
    await this.requireOwn(model);
    if (await this.has(model)) await noteUnfinished(this.agenda, model);
    await this.store.deleteVersion(model, id);
    this.summaries.forget(model, id);
  }

  /** Removes all aliases and versions of a model, the champion first. Repeatable. @returns whether it had any */
  async removeModel(model: string): Promise<boolean> {
    const aliases = [...(await this.store.listAliases(model)).keys()];
    aliases.sort((a, b) => Number(b === CHAMPION) - Number(a === CHAMPION));
    for (const alias of aliases) await this.move(model, alias, undefined, () => undefined);
    const ids = await this.store.listVersions(model);
    for (const id of ids)
      await this.delete(model, id).catch((error: unknown) => {
        if (!(error instanceof LapidaryError && error.code === 'version_not_found')) throw error;
      });
    await this.serving.recheck(model);
    return aliases.length + ids.length > 0;
  }

  /**
   * Compares two versions.
   * @param a an id, or an alias @param b likewise
   * @throws LapidaryError `version_not_found`, `version_corrupt`
   */
  async compare(
    model: string,
    a: string,
    b: string,
  ): Promise<{ a: VersionSummary; b: VersionSummary } & Comparison> {
    const shared = await this.sharedOf(model);
    if (shared) return shared.compare(model, a, b);
    const aliases = await this.store.listAliases(model);
    const idOf = (name: string) => aliases.get(name)?.version ?? name;
    const [first, second] = await Promise.all([
      this.record(model, idOf(a)),
      this.record(model, idOf(b)),
    ]);
    return { a: summaryOf(first), b: summaryOf(second), ...compareVersions(first, second) };
  }

  /** Moves an alias, and updates the models that this process serves. */
  private async move(
    model: string,
    alias: string,
    expected: string | null | undefined,
    choose: ChooseTarget,
  ): Promise<AliasTarget | undefined> {
    const target = await moveAlias(this.store, model, alias, expected, choose);
    await this.serving.recheck(model);
    return target;
  }

  private async record(model: string, id: string): Promise<VersionRecord> {
    return unpackRecord(id, await this.store.readRecord(model, id));
  }
}
