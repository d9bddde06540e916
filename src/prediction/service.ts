import { uuidv7 } from '../core/ids.js';
import type { Answer } from '../ml/predictor.js';
import type { Registry } from '../registry/service.js';

/** One instance's answer. */
export type Prediction = { id: string } & Answer;

export interface Predictions {
  model: string;
  version: string;
  predictions: Prediction[];
}

/** Answers instances with the champion of a model. */
export class PredictionService {
  constructor(private readonly registry: Registry) {}

  /**
   * Predicts instances, in their order.
   * @throws LapidaryError `model_not_found`, `version_corrupt`, `invalid_instances`
   */
  async predict(model: string, instances: readonly unknown[]): Promise<Predictions> {
    const { version, predictor } = await this.registry.champion(model);
    const predictions = predictor.predict(instances).map((answer) => ({ id: uuidv7(), ...answer }));
    return { model, version: version.id, predictions };
  }
}
