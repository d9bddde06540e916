import type { CardData } from '../cards/index.js';
import { LapidaryError } from '../core/errors.js';
import type { Metrics } from '../ml/metrics/metrics.js';
import { parseSpec, requireName } from '../ml/parse-spec.js';
import type { TrainedCard } from '../registry/index.js';
import type { VersionService } from '../registry/service.js';
import type { Reading } from '../rows/text/reading.js';
import type { ServingService } from '../serving/service.js';
import { readCardData } from './card-data.js';
import { type Draft, type DraftOptions, draftSpec } from './draft/draft.js';
import { readMaterial } from './material.js';
import type { ModelDefinitions } from './port.js';
import { openTestData, scoreAll } from './score.js';
import { withinTime } from './time-limit.js';
import type { VersionEvent, VersionMaker } from './version-maker.js';

/** Events of a training, in order. */
export type TrainingEvent =
  | Extract<VersionEvent, { event: 'read' | 'epoch' }>
  | { event: 'published'; version: string; card: TrainedCard };

/** Metrics of a champion on held-out rows. */
export interface Score {
  model: string;
  version: string;
  data: { origin: string; checksum: string; testRows: number };
  metrics: Metrics;
  baselines: Record<string, Metrics>;
}

/** Drafts, trains and scores models in this process, without jobs and gate. */
export class Workbench {
  /** @param mostSeconds time limit of a training */
  constructor(
    private readonly definitions: ModelDefinitions,
    private readonly registry: ServingService,
    private readonly versions: VersionService,
    private readonly maker: VersionMaker,
    private readonly mostSeconds: number,
  ) {}

  /** Returns the names of all models that can be trained. */
  models(): Promise<string[]> {
    return this.definitions.list();
  }

  /**
   * Defines a model by a spec inferred from a CSV file.
   * @param path of the file @param reading its known format
   * @param replace whether to replace a model of that name
   * @throws LapidaryError `model_exists`, `invalid_spec` for an invalid name, `invalid_dataset`
   */
  async init(
    path: string,
    options: DraftOptions,
    replace: boolean,
    reading: Reading = {},
  ): Promise<Draft> {
    const { name } = options;
    requireName(name, 'invalid_spec');
    if (!replace && (await this.definitions.has(name)))
      throw new LapidaryError('model_exists', `model "${name}" exists: --replace replaces it`);
    const source = await this.definitions.openFile(path, reading);
    if (source.format !== 'csv')
      throw new LapidaryError('invalid_dataset', `${path} is not a CSV file`);
    const draft = await draftSpec(source, options);
    await this.definitions.write(parseSpec(draft.spec), path, reading);
    return draft;
  }

  /**
   * Trains a model on the training rows of its data, checks it and makes it the champion without the gate.
   * @param signal aborts it, without publishing
   * @returns the version's id
   * @throws LapidaryError `model_not_found`, `invalid_spec`, `invalid_dataset`, `training_diverged`, `job_too_long`
   */
  async train(
    model: string,
    onEvent: (event: TrainingEvent) => void,
    signal?: AbortSignal,
  ): Promise<string> {
    const definition = await this.definitions.readDefinition(model);
    const spec = parseSpec(definition.spec);
    const source = await definition.openData();
    const make = async (limit: AbortSignal) => {
      const material = await readMaterial(spec, source, limit);
      return this.maker.make(material, {
        signal: limit,
        onEvent(event) {
          if (event.event === 'read' || event.event === 'epoch') onEvent(event);
        },
      });
    };
    const content = await withinTime(this.mostSeconds, make, signal);
    signal?.throwIfAborted();
    const id = await this.versions.publish(content);
    onEvent({ event: 'published', version: id, card: content.card });
    return id;
  }

  /**
   * Scores a model's champion on the test rows of its data, with the plan that serves.
   * @throws LapidaryError `model_not_found`, `version_corrupt`, `invalid_dataset`
   */
  async score(model: string): Promise<Score> {
    const served = await this.registry.champion(model);
    const { version } = served;
    const dataset = openTestData(await this.definitions.openData(model), version);
    const scores = await scoreAll(dataset, version.spec, { champion: served.model });
    const metrics = scores.champion!;
    return {
      model,
      version: version.id,
      data: { origin: dataset.origin, checksum: dataset.checksum, testRows: metrics.rows },
      metrics,
      baselines: version.card.metrics?.baselines ?? {},
    };
  }

  /** Returns the content of the champion's model card. @throws LapidaryError as {@link readCardData} */
  cardData(model: string): Promise<CardData> {
    return readCardData(model, this.definitions, this.registry);
  }
}
