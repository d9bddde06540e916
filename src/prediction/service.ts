import { LapidaryError } from '../core/errors.js';
import { uuidv7 } from '../core/ids.js';
import type { Answer } from '../ml/predictor.js';
import type { Registry } from '../registry/service.js';
import { decodeImages, imageFeatureOf, isImageModel } from './images.js';
import type { ImageDecoder } from './port.js';

/** One instance's answer. */
export type Prediction = { id: string } & Answer;

export interface Predictions {
  model: string;
  version: string;
  predictions: Prediction[];
}

/** Answers instances with the champion of a model. */
export class PredictionService {
  constructor(
    private readonly registry: Registry,
    private readonly decoder: ImageDecoder,
  ) {}

  /**
   * Predicts instances, in their order.
   * @param fresh whether to look first where the model's aliases point now
   * @throws LapidaryError `model_not_found`, `version_corrupt`, `invalid_instances`
   */
  async predict(model: string, instances: readonly unknown[], fresh = false): Promise<Predictions> {
    const { version, predictor } = (await this.registry.serving(model, fresh)).champion;
    const image = imageFeatureOf(version.spec);
    const ready = image ? await decodeImages(this.decoder, image, instances) : instances;
    const predictions = predictor.predict(ready).map((answer) => ({ id: uuidv7(), ...answer }));
    return { model, version: version.id, predictions };
  }

  /**
   * Predicts one instance that is nothing but an image.
   * @throws LapidaryError what {@link predict} throws; `unsupported_media_type` when the model takes more, or none
   */
  async predictImage(model: string, bytes: Uint8Array, fresh = false): Promise<Predictions> {
    const { version } = await this.registry.champion(model, fresh);
    const image = imageFeatureOf(version.spec);
    if (!image || !isImageModel(version.spec)) {
      const detail = `${model} takes no image by itself: send its instances as application/json`;
      throw new LapidaryError('unsupported_media_type', detail);
    }
    return this.predict(model, [{ [image.name]: bytes }]);
  }
}
