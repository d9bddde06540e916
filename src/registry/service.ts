import { LapidaryError } from '../core/errors.js';
import { UnsupportedLayerError } from '../ml/plan/errors.js';
import { compilePlan, type Plan } from '../ml/plan/plan.js';
import { Predictor } from '../ml/predictor.js';
import type { RegistryStore } from './port.js';
import { packVersion, unpackVersion, type Version } from './version.js';

/** The alias whose version serves. */
export const CHAMPION = 'champion';

/** What computes a version's predictions. */
export type Engine = 'plan' | 'tensorflow';

/** A version that is loaded and answers. */
export interface ServedModel {
  version: Version;
  predictor: Predictor;
  engine: Engine;
}

/** Hears that a version is served by TensorFlow.js, and why. */
export type OnFallback = (model: string, version: string, reason: string) => void;

/** Publishes versions and serves the champions. */
export class Registry {
  private readonly served = new Map<string, Promise<ServedModel>>();

  private onFallback: OnFallback = () => {};

  constructor(private readonly store: RegistryStore) {}

  /** Sets who hears of versions that TensorFlow.js has to serve, from now on. */
  reportFallbacks(onFallback: OnFallback): void {
    this.onFallback = onFallback;
  }

  /** Names of all models, sorted. */
  models(): Promise<string[]> {
    return this.store.listModels();
  }

  /**
   * The champion of a model, loaded on first use.
   * @throws LapidaryError `model_not_found`, `version_corrupt`
   */
  champion(model: string): Promise<ServedModel> {
    const known = this.served.get(model);
    if (known) return known;
    const loading = this.load(model);
    this.served.set(model, loading);
    // A failure is not kept: the next request tries again.
    loading.catch(() => this.served.delete(model));
    return loading;
  }

  /** Loads every champion. @throws what the first failing {@link champion} throws */
  async loadAll(): Promise<ServedModel[]> {
    return Promise.all((await this.models()).map((model) => this.champion(model)));
  }

  /** Keeps a version and makes it the champion; answers its id. */
  async publish(content: Omit<Version, 'id'>): Promise<string> {
    const model = content.spec.name;
    const { id, files } = packVersion(content);
    await this.store.publish(model, id, files);
    const expected = (await this.store.readAlias(model, CHAMPION))?.version;
    if (expected !== id) await this.store.moveAlias(model, CHAMPION, expected, { version: id });
    this.served.delete(model);
    return id;
  }

  /** Loads a version, to serve or to see that it loads. @throws LapidaryError `version_corrupt` */
  async loadVersion(model: string, id: string): Promise<ServedModel> {
    const version = unpackVersion(id, await this.store.readVersion(model, id));
    const { engine, plan } = await this.compile(version);
    return { version, engine, predictor: new Predictor(version.spec, version.encoding, plan) };
  }

  /** Serves by where the aliases of a model point now. */
  async recheck(model: string): Promise<void> {
    this.served.delete(model);
  }

  private async load(model: string): Promise<ServedModel> {
    const target = await this.store.readAlias(model, CHAMPION);
    if (target === undefined)
      throw new LapidaryError('model_not_found', `there is no model "${model}"`);
    return this.loadVersion(model, target.version);
  }

  /** A version that was published without a proof of parity stays with TensorFlow.js. */
  private async compile(version: Version): Promise<{ engine: Engine; plan: Plan }> {
    let reason = version.card.fallback;
    if (reason === undefined) {
      try {
        return { engine: 'plan', plan: compilePlan(version.network) };
      } catch (error) {
        if (!(error instanceof UnsupportedLayerError)) throw error;
        reason = error.message;
      }
    }
    this.onFallback(version.spec.name, version.id, reason);
    const { loadTensorFlowPlan } = await import('../ml/tensorflow-plan.js');
    return { engine: 'tensorflow', plan: await loadTensorFlowPlan(version.network) };
  }
}
