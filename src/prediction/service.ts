import { LapidaryError } from '../core/errors.js';
import { uuidv7 } from '../core/ids.js';
import { SILENT, type Signals } from '../core/signals.js';
import type { Answer } from '../ml/model.js';
import type { Challenger, Registry, ServedModel, Serving } from '../serving/service.js';
import { CHALLENGER_FAILED, eventsOf, isChosen, SHADOWED } from './challenge.js';
import { decodeImages, type Ended, imageFeatureOf, isImageModel } from './images.js';
import type { ImageDecoder } from './port.js';

/** One instance's answer. */
export type Prediction = { id: string } & Answer;

export interface Predictions {
  model: string;
  version: string;
  predictions: Prediction[];
}

/** How a caller asks. */
export interface Asked {
  /** Decides whether a challenger answers. */
  requestId?: string;
  /** Whether to look first where the model's aliases point now. */
  fresh?: boolean;
  /** Asked between images, which take time. */
  ended?: Ended;
}

const PLAINLY: Asked = {};

/** Answers instances with the champion of a model, and some with its challenger. */
export class PredictionService {
  constructor(
    private readonly registry: Registry,
    private readonly decoder: ImageDecoder,
    private readonly signals: Signals = SILENT,
  ) {}

  /**
   * Predicts instances, in their order.
   * @throws LapidaryError `model_not_found`, `version_corrupt`, `invalid_instances`
   */
  async predict(
    model: string,
    instances: readonly unknown[],
    asked: Asked = PLAINLY,
  ): Promise<Predictions> {
    const serving = await this.registry.serving(model, asked.fresh);
    return this.answer(model, serving, instances, asked);
  }

  /**
   * Predicts one instance that is nothing but an image.
   * @throws LapidaryError what {@link predict} throws; `unsupported_media_type` when the model takes more, or none
   */
  async predictImage(
    model: string,
    bytes: Uint8Array,
    asked: Asked = PLAINLY,
  ): Promise<Predictions> {
    const serving = await this.registry.serving(model, asked.fresh);
    const { spec } = serving.champion.version;
    const image = imageFeatureOf(spec);
    if (!image || !isImageModel(spec)) {
      const detail = `${model} takes no image by itself: send its instances as application/json`;
      throw new LapidaryError('unsupported_media_type', detail);
    }
    return this.answer(model, serving, [{ [image.name]: bytes }], asked);
  }

  private answer(
    model: string,
    { champion, challenger }: Serving,
    instances: readonly unknown[],
    asked: Asked,
  ): Predictions | Promise<Predictions> {
    if (challenger === undefined) return this.run(model, champion, instances, asked);
    if (challenger.shadow) return this.shadow(model, champion, challenger, instances, asked);
    if (!isChosen(asked.requestId ?? '', challenger.share))
      return this.run(model, champion, instances, asked);
    return this.challenge(model, champion, challenger, instances, asked);
  }

  /** Waits for nothing but images. */
  private run(
    model: string,
    served: ServedModel,
    instances: readonly unknown[],
    { ended }: Asked,
  ): Predictions | Promise<Predictions> {
    const image = imageFeatureOf(served.version.spec);
    if (!image) return predictReady(model, served, instances);
    return decodeImages(this.decoder, image, instances, ended).then((ready) =>
      predictReady(model, served, ready),
    );
  }

  /** The challenger answers; what it cannot answer, the champion does. */
  private async challenge(
    model: string,
    champion: ServedModel,
    challenger: Challenger,
    instances: readonly unknown[],
    asked: Asked,
  ): Promise<Predictions> {
    try {
      return await this.run(model, challenger, instances, asked);
    } catch (error) {
      // What the champion refuses too is the caller's fault, not the challenger's.
      const answered = await this.run(model, champion, instances, asked);
      this.reportFailure(model, challenger, asked, error);
      return answered;
    }
  }

  /**
   * The champion answers, and then, before the answer leaves, the challenger is heard: in Lambda nothing
   * happens after it, and elsewhere the next request would wait instead of this one.
   */
  private async shadow(
    model: string,
    champion: ServedModel,
    challenger: Challenger,
    instances: readonly unknown[],
    asked: Asked,
  ): Promise<Predictions> {
    const answered = await this.run(model, champion, instances, asked);
    const { requestId = '' } = asked;
    try {
      const heard = (await this.run(model, challenger, instances, asked)).predictions;
      const run = {
        model,
        requestId,
        champion: answered.version,
        challenger: challenger.version.id,
        predictions: answered.predictions.map(({ id, ...answer }, i) => {
          const { id: _own, ...said } = heard[i]!;
          return { id, champion: answer, challenger: said };
        }),
      };
      for (const fields of eventsOf(run)) this.signals.event(SHADOWED, fields);
    } catch (error) {
      this.reportFailure(model, challenger, asked, error);
    }
    return answered;
  }

  private reportFailure(
    model: string,
    { version }: Challenger,
    { requestId = '' }: Asked,
    error: unknown,
  ): void {
    const challenger = version.id;
    this.signals.event(CHALLENGER_FAILED, { model, requestId, challenger, err: error });
  }
}

async function predictReady(
  model: string,
  served: ServedModel,
  instances: readonly unknown[],
): Promise<Predictions> {
  const answers = await served.model.predict(instances);
  const predictions = answers.map((answer) => ({ id: uuidv7(), ...answer }));
  return { model, version: served.version.id, predictions };
}
