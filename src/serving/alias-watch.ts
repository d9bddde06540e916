import { LapidaryError } from '../core/errors.js';
import { eventType, type Signals } from '../core/signals.js';
import type { Model } from '../ml/model.js';
import { CHALLENGER, CHAMPION, modelNotFound } from '../registry/index.js';
import type { AliasTarget, RegistryStore } from '../registry/port.js';
import { retire } from './in-use.js';
import type { ServedModel } from './loader.js';

/** The versions that answer for a model. */
export interface Serving {
  readonly champion: ServedModel;
  readonly challenger?: Challenger;
}

/** A version that answers a share of the requests, or in the shadow of the champion. */
export interface Challenger extends ServedModel {
  readonly share: number;
  readonly shadow: boolean;
}

/** An alias whose version cannot be served. */
export interface Degradation {
  model: string;
  alias: string;
  /** The version at fault; undefined when not even the alias could be read. */
  version?: string;
  reason: string;
  /** The version that serves in its place. */
  serves?: string;
}

/** A version cannot be served; emitted once for each. */
export const DEGRADED = eventType<Degradation & { err: unknown }>(
  'version.degraded',
  'error',
  'a version cannot be served',
);
export const SWAPPED = eventType<{ model: string; from: string; to: string }>(
  'version.swapped',
  'info',
  'another version serves',
);

/** Loads and swaps the versions of a model as its aliases move. */
export class AliasWatch {
  /** The versions that answer now, as a promise; undefined while none does. */
  ready: Promise<Serving> | undefined;
  /** Time of the last check of the aliases. */
  checkedAt = Number.NEGATIVE_INFINITY;
  /** Whether the model does not exist. */
  gone = false;
  private current: Serving | undefined;
  private failure: unknown;
  private checking: Promise<void> | undefined;
  private queued: Promise<void> | undefined;
  private readonly problems = new Map<string, Degradation>();
  private readonly reported = new Set<string>();

  constructor(
    private readonly model: string,
    private readonly store: RegistryStore,
    private readonly load: (model: string, id: string) => Promise<ServedModel>,
    private readonly signals: Signals,
    private readonly now: () => number,
  ) {}

  /** The aliases whose versions cannot be served. */
  get degraded(): readonly Degradation[] {
    return [...this.problems.values()];
  }

  /**
   * Checks the aliases, and returns the versions that answer.
   * @param restart whether a check that has already begun is too old
   * @throws LapidaryError `model_not_found`; the error of loading, when no older version can serve
   */
  async checked(restart: boolean): Promise<Serving> {
    await (restart ? this.check() : (this.checking ?? this.check()));
    if (this.current) return this.current;
    throw this.failure;
  }

  /** Checks the aliases; all calls during a check share the next. It never throws. */
  private check(): Promise<void> {
    if (this.checking) {
      this.queued ??= this.checking.then(() => {
        this.queued = undefined;
        return this.check();
      });
      return this.queued;
    }
    this.checking = this.follow().finally(() => {
      this.checking = undefined;
    });
    return this.checking;
  }

  /** Stops serving. @returns resolves when the served models are closed */
  async close(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    this.ready = undefined;
    await Promise.all(modelsOf(current).map(retire));
  }

  /** Loads the targets of the aliases, then swaps. */
  private async follow(): Promise<void> {
    this.checkedAt = this.now();
    const aliases = [CHAMPION, CHALLENGER].map((alias) => this.store.readAlias(this.model, alias));
    // The second is awaited late, or never.
    for (const alias of aliases) alias.catch(() => undefined);
    const champion = await this.resolve(CHAMPION, aliases[0]!);
    if (champion === 'none') return this.forget();
    this.gone = false;
    const serves = champion === 'failed' ? this.current?.champion : champion.served;
    if (!serves) return;
    this.swap(serves, this.current?.challenger);
    const challenger = await this.resolve(CHALLENGER, aliases[1]!);
    this.swap(serves, typeof challenger === 'string' ? undefined : asChallenger(challenger));
  }

  private async resolve(alias: string, reading: Promise<AliasTarget | undefined>) {
    let version: string | undefined;
    try {
      const target = await reading;
      this.reported.delete(keyOf(alias));
      version = target?.version;
      if (!target || version === undefined) {
        this.problems.delete(alias);
        return 'none';
      }
      const served = this.held(version) ?? (await this.load(this.model, version));
      this.problems.delete(alias);
      this.reported.delete(keyOf(alias, version));
      return { target, served };
    } catch (error) {
      this.failure = error;
      this.degrade(alias, version, error);
      return 'failed';
    }
  }

  /** Returns a version that already serves under either alias. */
  private held(id: string): ServedModel | undefined {
    const { champion, challenger } = this.current ?? {};
    if (champion?.version.id === id) return champion;
    if (challenger?.version.id !== id) return undefined;
    const { version, model, engine } = challenger;
    return { version, model, engine };
  }

  private swap(champion: ServedModel, next: Challenger | undefined): void {
    const before = this.current;
    const challenger = next?.version.id === champion.version.id ? undefined : next;
    if (before?.champion === champion && isSame(before.challenger, challenger)) return;
    this.current = { champion, ...(challenger && { challenger }) };
    this.ready = Promise.resolve(this.current);
    const kept = modelsOf(this.current);
    for (const model of modelsOf(before)) if (!kept.includes(model)) void retire(model);
    if (before && before.champion !== champion)
      this.signals.event(SWAPPED, {
        model: this.model,
        from: before.champion.version.id,
        to: champion.version.id,
      });
  }

  private forget(): void {
    this.gone = true;
    void this.close();
    this.problems.clear();
    this.failure = modelNotFound(this.model);
  }

  private degrade(alias: string, version: string | undefined, error: unknown): void {
    const serves = this.current?.champion.version.id;
    const problem: Degradation = {
      model: this.model,
      alias,
      ...(version !== undefined && { version }),
      // Other errors can have paths in them: they are only logged.
      reason: error instanceof LapidaryError ? error.message : 'it cannot be read',
      ...(serves !== undefined && { serves }),
    };
    this.problems.set(alias, problem);
    const key = keyOf(alias, version);
    if (this.reported.has(key)) return;
    this.reported.add(key);
    this.signals.event(DEGRADED, { ...problem, err: error });
  }
}

const keyOf = (alias: string, version = '') => `${alias}/${version}`;

function modelsOf(serving: Serving | undefined): Model[] {
  const { champion, challenger } = serving ?? {};
  return [champion, challenger].flatMap((served) => (served ? [served.model] : []));
}

function asChallenger(of: { target: AliasTarget; served: ServedModel }): Challenger {
  const { share = 0, shadow = false } = of.target;
  return { ...of.served, share, shadow };
}

function isSame(a: Challenger | undefined, b: Challenger | undefined): boolean {
  return a?.model === b?.model && a?.share === b?.share && a?.shadow === b?.shadow;
}
