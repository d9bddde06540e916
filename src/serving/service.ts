import { SILENT, type Signals } from '../core/signals.js';
import { CHAMPION, packVersion, type Version } from '../registry/index.js';
import type { RegistryStore } from '../registry/port.js';
import { type ServedModel, VersionLoader } from './loader.js';
import { type Degradation, ServedAliases, type Serving } from './served.js';

export { CHALLENGER, CHAMPION } from '../registry/index.js';
export type { Engine, ServedModel } from './loader.js';
export type { Challenger, Degradation, Serving } from './served.js';

/** How the registry keeps up with moved aliases. */
export interface RegistryOptions {
  /**
   * A request looks at its model's aliases before it is answered when the last look is older than this,
   * in milliseconds. Left out, requests never look: somebody calls {@link Registry.refresh}, or nobody.
   */
  checkAfter?: number;
  /** Milliseconds, as Date.now: a clock that goes on while the process is frozen. */
  now?: () => number;
  /** Reports which versions serve, and which cannot; dropped by default. */
  signals?: Signals;
}

/** All models, as of the last time that the store was listed. */
interface Listing {
  checkedAt: number;
  names: Promise<readonly string[]>;
  /** Why the first model of it that cannot be served is not. */
  failure?: unknown;
}

/** Publishes versions and serves what the aliases point to. */
export class Registry {
  private readonly served = new Map<string, ServedAliases>();
  private listing: Listing | undefined;
  private readonly loader: VersionLoader;
  protected readonly checkAfter: number | undefined;
  protected readonly now: () => number;
  private readonly signals: Signals;

  constructor(
    protected readonly store: RegistryStore,
    { checkAfter, now = Date.now, signals = SILENT }: RegistryOptions = {},
  ) {
    this.loader = new VersionLoader(store, signals);
    this.signals = signals;
    this.checkAfter = checkAfter;
    this.now = now;
  }

  /** Names of all models, sorted. */
  models(): Promise<string[]> {
    return this.store.listModels();
  }

  /**
   * The champion of a model, loaded on first use.
   * @param fresh whether to look first where the alias points now
   * @throws LapidaryError `model_not_found`, `version_corrupt`
   */
  async champion(model: string, fresh = false): Promise<ServedModel> {
    return (await this.serving(model, fresh)).champion;
  }

  /** What answers for a model: as {@link champion}, and what it is tried against. */
  serving(model: string, fresh = false): Promise<Serving> {
    const served = this.served.get(model);
    if (served?.ready !== undefined && !fresh && !this.isDue(served)) return served.ready;
    return this.check(model, fresh || this.checkAfter === 0);
  }

  /**
   * Returns every champion that can be loaded. The store is listed no more often than its aliases are looked at.
   * @param fresh whether to look first which models there are, and where their aliases point now
   * @throws what the first failing {@link champion} throws, when there is none
   */
  async loadAll(fresh = false): Promise<ServedModel[]> {
    const listing = this.list(fresh);
    const names = await listing.names;
    const loading = await Promise.allSettled(names.map((name) => this.champion(name, fresh)));
    const loaded = loading.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    listing.failure ??= loading.find((each) => each.status === 'rejected')?.reason;
    // The others are tried again with the next listing: anybody may ask for all models, and a try reads the store.
    listing.names = Promise.resolve(names.filter((_, i) => loading[i]!.status === 'fulfilled'));
    if (loaded.length === 0 && listing.failure) throw listing.failure;
    return loaded;
  }

  /** The aliases that point to what cannot be served, of the models that were asked for. */
  degraded(): Degradation[] {
    return [...this.served.values()].flatMap(({ degraded }) => degraded);
  }

  /** Looks where all aliases point now, and serves accordingly: models come, change and go. It never throws. */
  async refresh(): Promise<void> {
    const listed = await this.store.listModels().catch(() => []);
    for (const name of new Set([...listed, ...this.served.keys()]))
      await this.check(name, true).catch(() => undefined);
    this.listing = undefined;
  }

  /** As {@link refresh}, for one model, if it is served. */
  async recheck(model: string): Promise<void> {
    this.listing = undefined;
    if (this.served.has(model)) await this.check(model, true).catch(() => undefined);
  }

  /** Loads a version, to see whether it can be served. @throws LapidaryError `version_corrupt` */
  loadVersion(model: string, id: string): Promise<ServedModel> {
    return this.loader.load(model, id);
  }

  /** Keeps a version; no alias moves. @returns its id */
  async keep(content: Omit<Version, 'id'>): Promise<string> {
    const { id, files } = packVersion(content);
    await this.store.publish(content.spec.name, id, files);
    return id;
  }

  /** Keeps a version and makes it the champion; answers its id. */
  async publish(content: Omit<Version, 'id'>): Promise<string> {
    const model = content.spec.name;
    const id = await this.keep(content);
    const expected = (await this.store.readAlias(model, CHAMPION))?.version;
    if (expected !== id) await this.store.moveAlias(model, CHAMPION, expected, { version: id });
    await this.recheck(model);
    return id;
  }

  private list(fresh: boolean): Listing {
    if (!fresh && this.listing && !this.isDue(this.listing)) return this.listing;
    const listing: Listing = { checkedAt: this.now(), names: this.names() };
    listing.names.catch(() => {
      if (this.listing === listing) this.listing = undefined;
    });
    this.listing = listing;
    return listing;
  }

  private isDue({ checkedAt }: { checkedAt: number }): boolean {
    if (this.checkAfter === undefined) return false;
    const age = this.now() - checkedAt;
    // A clock that was set back would otherwise put the next look off for long.
    return age >= this.checkAfter || age < 0;
  }

  private async check(model: string, anew: boolean): Promise<Serving> {
    let served = this.served.get(model);
    if (!served) {
      const load = this.loader.load.bind(this.loader);
      served = new ServedAliases(model, this.store, load, this.signals, this.now);
      this.served.set(model, served);
    }
    try {
      return await served.checked(anew);
    } finally {
      if (served.gone && this.served.get(model) === served) this.served.delete(model);
    }
  }

  /** All models; those known when the store cannot be asked. */
  private async names(): Promise<string[]> {
    try {
      return await this.models();
    } catch (error) {
      if (this.served.size === 0) throw error;
      return [...this.served.keys()].sort();
    }
  }
}

/**
 * Has a registry look every so often where the aliases point. No request waits for it, and it does not
 * keep a process alive.
 * @returns ends it
 */
export function watchAliases(
  registry: Pick<Registry, 'refresh'>,
  milliseconds: number,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const waitAndLook = (): void => {
    timer = setTimeout(async () => {
      await registry.refresh();
      if (!ended) waitAndLook();
    }, milliseconds).unref();
  };
  waitAndLook();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
