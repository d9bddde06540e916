import { eventType, type Signals } from '../core/signals.js';
import type { Model } from '../ml/model.js';
import { UnsupportedLayerError } from '../ml/plan/errors.js';
import { compilePlan, type Plan } from '../ml/plan/plan.js';
import { PlanModel } from '../ml/plan-model.js';
import { unpackVersion, type Version } from '../registry/index.js';
import type { RegistryStore } from '../registry/port.js';

/** The engine that computes predictions. */
export type Engine = 'plan' | 'tensorflow';

/** A loaded version. */
export interface ServedModel {
  version: Version;
  model: Model;
  engine: Engine;
}

/** A version has no compiled plan; it is slower and needs more memory. */
export const FALLBACK = eventType<{ model: string; version: string; reason: string }>(
  'version.fallback',
  'warn',
  'TensorFlow.js serves this model, not the compiled plan',
);

/** Loads versions. */
export class VersionLoader {
  constructor(
    private readonly store: RegistryStore,
    private readonly signals: Signals,
  ) {}

  /** @throws LapidaryError `version_corrupt` */
  async load(model: string, id: string): Promise<ServedModel> {
    const version = unpackVersion(id, await this.store.readVersion(model, id));
    const { engine, plan } = await this.compile(version);
    return { version, engine, model: new PlanModel(version.spec, version.encoding, plan) };
  }

  /** Compiles the plan. TensorFlow.js serves a version that was published without a proof of parity. */
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
    this.signals.event(FALLBACK, { model: version.spec.name, version: version.id, reason });
    const { loadTensorFlowPlan } = await import('../ml/tensorflow/plan.js');
    return { engine: 'tensorflow', plan: await loadTensorFlowPlan(version.network) };
  }
}
