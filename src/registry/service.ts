import { LapidaryError } from '../core/errors.js';
import { compilePlan } from '../ml/plan/plan.js';
import { Predictor } from '../ml/predictor.js';
import type { RegistryStore } from './port.js';
import { packVersion, unpackVersion, type Version } from './version.js';

/** The alias whose version serves. */
export const CHAMPION = 'champion';

/** A version that is loaded and answers. */
export interface ServedModel {
  version: Version;
  predictor: Predictor;
}

/** Publishes versions and serves the champions. */
export class Registry {
  private readonly served = new Map<string, Promise<ServedModel>>();

  constructor(private readonly store: RegistryStore) {}

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
    const expected = await this.store.readAlias(model, CHAMPION);
    if (expected !== id) await this.store.moveAlias(model, CHAMPION, expected, id);
    this.served.delete(model);
    return id;
  }

  private async load(model: string): Promise<ServedModel> {
    const id = await this.store.readAlias(model, CHAMPION);
    if (id === undefined)
      throw new LapidaryError('model_not_found', `there is no model "${model}"`);
    const version = unpackVersion(id, await this.store.readVersion(model, id));
    const plan = compilePlan(version.network);
    return { version, predictor: new Predictor(version.spec, version.encoding, plan) };
  }
}
