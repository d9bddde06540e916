import { LapidaryError } from '../core/errors.js';
import { uuidv7 } from '../core/ids.js';
import { SILENT, type Signals } from '../core/signals.js';
import type { Answer } from '../ml/model.js';
import { imageFeatureOf, isImageModel, type Spec } from '../ml/spec.js';
import { type Challenger, type ServedModel, type ServingService, use } from '../serving/service.js';
import { CHALLENGER_FAILED, isChosen, pairs, SHADOWED } from './challenge.js';
import type { Asked, Conclude, Conclusion, Preparer } from './port.js';

export { ImagePreparer } from './images.js';

/** The answer to one instance. */
export type Prediction = { id: string } & Answer;

export interface Predictions {
  model: string;
  version: string;
  predictions: Prediction[];
}

/** Steps before and after the model. */
export interface PredictionOptions {
  /** Applied in order to the instances of models that need them. */
  preparers: readonly Preparer[];
  conclude?: Conclude;
  signals?: Signals;
}

type Run = Exclude<Conclusion, { role: 'batch' }>;

const PLAINLY: Asked = {};

/** Predicts with the champion of a model, or with its challenger. */
export class PredictionService {
  private readonly preparers: readonly Preparer[];
  private readonly conclude: Conclude;
  private readonly signals: Signals;

  constructor(
    private readonly registry: ServingService,
    { preparers, conclude = () => {}, signals = SILENT }: PredictionOptions,
  ) {
    this.preparers = preparers;
    this.conclude = conclude;
    this.signals = signals;
  }

  /**
   * Predicts instances, in their order.
   * @throws LapidaryError `model_not_found`, `version_corrupt`, `invalid_instances`; the errors of `conclude`
   */
  predict(
    model: string,
    instances: readonly unknown[],
    asked: Asked = PLAINLY,
  ): Promise<Predictions> {
    return this.answer(model, asked, () => instances);
  }

  /**
   * Predicts one instance that consists of an image.
   * @throws LapidaryError as {@link predict}; `unsupported_media_type` for a model with other features
   */
  predictImage(model: string, bytes: Uint8Array, asked: Asked = PLAINLY): Promise<Predictions> {
    return this.answer(model, asked, (spec) => {
      const image = imageFeatureOf(spec);
      if (image && isImageModel(spec)) return [{ [image.name]: bytes }];
      const detail = `model ${model} has other features than an image: send instances as application/json`;
      throw new LapidaryError('unsupported_media_type', detail);
    });
  }

  /** Awaits only what is not there yet: each wait takes as long as some of the steps. */
  private async answer(
    model: string,
    asked: Asked,
    instancesFor: (spec: Spec) => readonly unknown[],
  ): Promise<Predictions> {
    const { champion, challenger } = await this.registry.serving(model, asked.fresh);
    const endChampion = use(champion.model);
    const endChallenger = challenger && use(challenger.model);
    try {
      const instances = instancesFor(champion.version.spec);
      const isChallenged = challenger && isChosen(asked.requestId ?? '', challenger.share);
      const run = isChallenged
        ? await this.challenge(model, champion, challenger, instances, asked)
        : await this.run('champion', champion, instances, asked);
      const concluding = this.conclude(run);
      if (concluding) await concluding;
      if (challenger?.shadow) await this.shadow(model, challenger, instances, run);
      const { served, predictions } = run;
      return { model, version: served.version.id, predictions };
    } finally {
      endChampion?.();
      endChallenger?.();
    }
  }

  private async run(
    role: Run['role'],
    served: ServedModel,
    instances: readonly unknown[],
    asked: Asked,
  ): Promise<Run & { predictions: Prediction[] }> {
    const { spec } = served.version;
    let ready = instances;
    for (const preparer of this.preparers)
      if (preparer.needs(spec)) ready = await preparer.prepare(ready, { spec, ended: asked.ended });
    const predicting = served.model.predict(ready);
    const answers = predicting instanceof Promise ? await predicting : predicting;
    const predictions = answers.map((answer) => ({ id: uuidv7(), ...answer }));
    return { role, served, asked, instances: ready, predictions };
  }

  /** Answers with the challenger, or with the champion if the challenger fails. */
  private async challenge(
    model: string,
    champion: ServedModel,
    challenger: Challenger,
    instances: readonly unknown[],
    asked: Asked,
  ) {
    try {
      return await this.run('challenger', challenger, instances, asked);
    } catch (error) {
      // Instances that the champion also refuses are the fault of the caller.
      const run = await this.run('champion', champion, instances, asked);
      this.reportFailure(model, challenger, asked, error);
      return run;
    }
  }

  /**
   * Runs the challenger before the champion's answer is sent: a Lambda freezes after it, and elsewhere the next request
   * would wait instead of this one.
   */
  private async shadow(
    model: string,
    challenger: Challenger,
    instances: readonly unknown[],
    { served, asked, predictions }: Run,
  ): Promise<void> {
    try {
      const run = await this.run('shadow', challenger, instances, asked);
      run.predictions.forEach((prediction, i) => {
        prediction.id = predictions[i]!.id;
      });
      await this.conclude(run);
      const fields = {
        model,
        requestId: asked.requestId ?? '',
        champion: served.version.id,
        challenger: challenger.version.id,
      };
      for (const some of pairs(predictions, run.predictions))
        this.signals.event(SHADOWED, { ...fields, predictions: some });
    } catch (error) {
      this.reportFailure(model, challenger, asked, error);
    }
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
