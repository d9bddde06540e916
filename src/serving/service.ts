import { SILENT, type Signals } from '../core/signals.js';
import type { RegistryStore } from '../registry/port.js';
import { AliasWatch, type Degradation, type Serving } from './alias-watch.js';
import { retire } from './in-use.js';
import { type ServedModel, VersionLoader } from './loader.js';
import { SharedModels } from './shared-models.js';

export { CHALLENGER, CHAMPION } from '../registry/index.js';
export type { Challenger, Degradation, Serving } from './alias-watch.js';
export { retire, use } from './in-use.js';
export type { Engine, ServedModel } from './loader.js';

/** Options of serving. */
export interface ServingOptions {
  /**
   * A request checks the aliases of its model first when the last check is older than this, in milliseconds. When left
   * out, only {@link ServingService.refresh} checks.
   */
  checkAfter?: number;
  /** Milliseconds, as Date.now: a clock that runs on while the process is frozen. */
  now?: () => number;
  /** Reports which versions serve, and which cannot; dropped by default. */
  signals?: Signals;
  /** Serves the models that all clients share. */
  shared?: ServingService | undefined;
}

/** The models as the store last listed them. */
interface Listing {
  checkedAt: number;
  names: Promise<readonly string[]>;
  /** Error of the first model that cannot be served. */
  failure?: unknown;
}

/** Serves the targets of aliases. A client's own model takes precedence over a shared one of the same name. */
export class ServingService {
  private readonly watches = new Map<string, AliasWatch>();
  private listing: Listing | undefined;
  private readonly loader: VersionLoader;
  private readonly checkAfter: number | undefined;
  private readonly now: () => number;
  private readonly shared: SharedModels | undefined;
  private readonly signals: Signals;

  constructor(
    private readonly store: RegistryStore,
    { checkAfter, now = Date.now, signals = SILENT, shared }: ServingOptions = {},
  ) {
    this.loader = new VersionLoader(store, signals);
    this.signals = signals;
    this.checkAfter = checkAfter;
    this.now = now;
    this.shared = shared && new SharedModels(shared, (checked) => this.isDue(checked), now);
  }

  /** Returns the names of all models, sorted. */
  async models(): Promise<string[]> {
    const own = await this.store.listModels();
    if (!this.shared) return own;
    return [...new Set([...own, ...(await this.shared.service.models())])].sort();
  }

  /**
   * Returns the champion of a model, loaded on first use.
   * @param fresh whether to check the alias first
   * @throws LapidaryError `model_not_found`, `version_corrupt`
   */
  async champion(model: string, fresh = false): Promise<ServedModel> {
    return (await this.serving(model, fresh)).champion;
  }

  /** Returns the versions that answer for a model; as {@link champion}, with the challenger. */
  serving(model: string, fresh = false): Promise<Serving> {
    const shared = fresh ? undefined : this.shared?.known(model);
    if (shared) return shared;
    const own = this.ownServing(model, fresh);
    return this.shared ? this.shared.unless(own, model, fresh) : own;
  }

  /**
   * Returns every champion that can be loaded. The store is listed at most as often as its aliases are checked.
   * @param fresh whether to list the models and check their aliases first
   * @throws the error of the first {@link champion} that fails, when all do
   */
  async loadAll(fresh = false): Promise<ServedModel[]> {
    const listing = this.list(fresh);
    const names = await listing.names;
    const loading = await Promise.allSettled(names.map((name) => this.champion(name, fresh)));
    const loaded = loading.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    listing.failure ??= loading.find((each) => each.status === 'rejected')?.reason;
    // The others are retried with the next listing: each try reads the store, and the route is open to all.
    listing.names = Promise.resolve(names.filter((_, i) => loading[i]!.status === 'fulfilled'));
    if (loaded.length === 0 && listing.failure) throw listing.failure;
    return loaded;
  }

  /** Returns the aliases whose version cannot be served, of the models requested so far. */
  degraded(): Degradation[] {
    return [...this.watches.values()].flatMap(({ degraded }) => degraded);
  }

  /** Checks all aliases and serves their current targets: models appear, change and disappear. It never throws. */
  async refresh(): Promise<void> {
    this.shared?.forget();
    const listed = await this.store.listModels().catch(() => []);
    for (const name of new Set([...listed, ...this.watches.keys()]))
      await this.check(name, true).catch(() => undefined);
    this.listing = undefined;
  }

  /** Refreshes one model, if it is served. It never throws. */
  async recheck(model: string): Promise<void> {
    this.shared?.forget(model);
    this.listing = undefined;
    if (this.watches.has(model)) await this.check(model, true).catch(() => undefined);
  }

  /** Serves nothing from now on. @returns resolves once its models are closed */
  async close(): Promise<void> {
    const watches = [...this.watches.values()];
    this.watches.clear();
    await Promise.all(watches.map((watch) => watch.close()));
  }

  /** Proves that a version can be served. @throws LapidaryError `version_corrupt` */
  async prove(model: string, id: string): Promise<void> {
    await retire((await this.loadVersion(model, id)).model);
  }

  /** Loads a version; the caller retires its model. @throws LapidaryError `version_corrupt` */
  async loadVersion(model: string, id: string): Promise<ServedModel> {
    const isShared = this.shared && (await this.store.listVersions(model)).length === 0;
    return isShared ? this.shared!.service.loadVersion(model, id) : this.loader.load(model, id);
  }

  private ownServing(model: string, fresh: boolean): Promise<Serving> {
    const watch = this.watches.get(model);
    if (watch?.ready !== undefined && !fresh && !this.isDue(watch)) return watch.ready;
    return this.check(model, fresh || this.checkAfter === 0);
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
    // Without this, a clock that is set back would delay the next check.
    return age >= this.checkAfter || age < 0;
  }

  private async check(model: string, restart: boolean): Promise<Serving> {
    let watch = this.watches.get(model);
    if (!watch) {
      const load = this.loader.load.bind(this.loader);
      watch = new AliasWatch(model, this.store, load, this.signals, this.now);
      this.watches.set(model, watch);
    }
    try {
      return await watch.checked(restart);
    } finally {
      if (watch.gone && this.watches.get(model) === watch) this.watches.delete(model);
    }
  }

  /** Returns all models, or the known ones when the store fails. */
  private async names(): Promise<string[]> {
    try {
      return await this.models();
    } catch (error) {
      if (this.watches.size === 0) throw error;
      return [...this.watches.keys()].sort();
    }
  }
}

/**
 * Refreshes at an interval. No request waits for it, and it does not keep the process alive.
 * @returns a function that ends it
 */
export function watchAliases(
  serving: Pick<ServingService, 'refresh'>,
  milliseconds: number,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const waitAndCheck = (): void => {
    timer = setTimeout(async () => {
      await serving.refresh();
      if (!ended) waitAndCheck();
    }, milliseconds).unref();
  };
  waitAndCheck();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
