import { Check } from 'typebox/value';
import { LapidaryError } from '../core/errors.js';
import { type Dataset, openDataset } from '../datasets/service.js';
import { Encoder } from '../ml/encoding/encoder.js';
import { EncodingFitter } from '../ml/encoding/fit.js';
import type { FittedEncoding } from '../ml/encoding/fitted.js';
import type { Metrics } from '../ml/metrics/metrics.js';
import { parseSpec } from '../ml/parse-spec.js';
import { compilePlan } from '../ml/plan/plan.js';
import { Predictor } from '../ml/predictor.js';
import { appendRows, firstRows, type RowBlock } from '../ml/rows.js';
import { ModelName, type Spec, type TrainableSpec } from '../ml/spec.js';
import { encodeTarget } from '../ml/target.js';
import type { EpochProgress, TrainedMember, TrainingTask } from '../ml/trainer/trainer.js';
import type { Registry } from '../registry/service.js';
import type { TrainedCard } from '../registry/version.js';
import { type Assembled, assemble } from './assemble.js';
import { BaselineTrainer } from './baselines.js';
import { type Draft, type DraftOptions, draftSpec } from './draft/draft.js';
import { examplesOf } from './examples.js';
import { PARITY_ROWS } from './parity.js';
import type { ModelDefinitions, StoredRows, TrainingRunner } from './port.js';
import { type Report, reportOn } from './report.js';
import { scoreAll } from './score.js';

/** What happens during a training, in the order it happens. */
export type TrainingEvent =
  | { event: 'read'; origin: string; trainingRows: number; testRows: number }
  | ({ event: 'epoch'; members: number } & EpochProgress)
  | { event: 'published'; version: string; card: TrainedCard };

export interface Evaluation {
  model: string;
  version: string;
  data: { origin: string; checksum: string; testRows: number };
  metrics: Metrics;
  baselines: Record<string, Metrics>;
}

/** Trains models from their definitions and scores what came of it. */
export class TrainingService {
  constructor(
    private readonly definitions: ModelDefinitions,
    private readonly registry: Registry,
    private readonly runner: TrainingRunner,
  ) {}

  /** Names of all models that can be trained. */
  models(): Promise<string[]> {
    return this.definitions.list();
  }

  /**
   * Defines a model by what a CSV file looks like.
   * @param path of the file
   * @param replace whether a model of that name may be there already
   * @throws LapidaryError `model_exists`, `invalid_spec` for a name that is none, `invalid_dataset`
   */
  async init(path: string, options: DraftOptions, replace: boolean): Promise<Draft> {
    if (!Check(ModelName, options.name)) {
      const rule = 'it takes lower-case letters, digits and hyphens, beginning with a letter';
      const detail = `"${options.name}" cannot be the name of a model: ${rule}`;
      throw new LapidaryError('invalid_spec', detail);
    }
    if (!replace && (await this.definitions.has(options.name))) {
      throw new LapidaryError('model_exists', `there is a model "${options.name}" already`);
    }
    const source = await this.definitions.openFile(path);
    if (source.format !== 'csv')
      throw new LapidaryError('invalid_dataset', `${path} is no CSV file`);
    const draft = await draftSpec(source, options);
    await this.definitions.write(parseSpec(draft.spec), path);
    return draft;
  }

  /**
   * Trains a model on its data's training rows, checks it and makes it the champion. The data is read
   * three times and never held: to fit the encoding, to encode the training rows, to score the test rows.
   * @param signal stops it, as long as nothing is published
   * @returns the version's id
   * @throws LapidaryError `model_not_found`, `invalid_spec`, `invalid_dataset`, `parity_failed`
   */
  async train(
    model: string,
    onEvent: (event: TrainingEvent) => void,
    signal?: AbortSignal,
  ): Promise<string> {
    const started = performance.now();
    const spec = parseSpec(await this.definitions.readSpec(model));
    const dataset = openDataset(await this.definitions.openData(model), spec);
    const { fitter, trainingRows, testRows, sample } = await scan(dataset, spec);
    onEvent({ event: 'read', origin: dataset.origin, trainingRows, testRows });

    const task: TrainingTask = { spec, encoding: fitter.fit() };
    const encoder = new Encoder(spec, task.encoding);
    const baselines = new BaselineTrainer(this.runner, task, fitter, encoder.width);
    const rows = await this.runner.store(encoder.width, async (collector) => {
      for await (const { training } of dataset.blocks()) {
        signal?.throwIfAborted();
        const inputs = encoder.encodeRows(training);
        const targets = encodeTargets(task, training);
        baselines.add(inputs, targets);
        await collector.append(inputs, targets);
      }
    });
    const { members, predictors } = await this.compute(
      task,
      rows,
      sample,
      baselines,
      onEvent,
      signal,
    );
    const assembled = await assemble(task, members, sample);

    const predictor = new Predictor(spec, task.encoding, compilePlan(assembled.network));
    const { [model]: test, ...others } = await scoreAll(dataset, task, {
      [model]: predictor,
      ...predictors,
    });
    const card: TrainedCard = {
      metrics: { test: test!, baselines: others },
      data: describeData(dataset, trainingRows, testRows),
      training: describeTraining(spec, members, assembled, started),
      parity: assembled.parity,
    };
    signal?.throwIfAborted();
    const id = await this.registry.publish({
      spec,
      encoding: task.encoding,
      network: assembled.network,
      card,
      examples: examplesOf(spec, sample),
    });
    onEvent({ event: 'published', version: id, card });
    return id;
  }

  /**
   * Scores a model's champion on the test rows of its data, with the plan that serves.
   * @throws LapidaryError `model_not_found`, `version_corrupt`, `invalid_dataset`
   */
  async evaluate(model: string): Promise<Evaluation> {
    const { version, predictor } = await this.registry.champion(model);
    const dataset = openDataset(await this.definitions.openData(model), version.spec);
    const { [model]: metrics } = await scoreAll(dataset, version, { [model]: predictor });
    return {
      model,
      version: version.id,
      data: { origin: dataset.origin, checksum: dataset.checksum, testRows: metrics!.rows },
      metrics: metrics!,
      baselines: version.card.metrics?.baselines ?? {},
    };
  }

  /** All that a model card tells of the champion. @throws what {@link reportOn} throws */
  report(model: string): Promise<Report> {
    return reportOn(model, this.definitions, this.registry);
  }

  private async compute(
    task: TrainingTask,
    rows: StoredRows,
    sample: RowBlock,
    baselines: BaselineTrainer,
    onEvent: (event: TrainingEvent) => void,
    signal: AbortSignal | undefined,
  ) {
    try {
      const { members: count } = task.spec.network;
      const members = await this.runner.train(
        task,
        rows,
        (progress) => onEvent({ event: 'epoch', members: count, ...progress }),
        signal,
      );
      signal?.throwIfAborted();
      return { members, predictors: await baselines.fit(rows, sample) };
    } finally {
      await this.runner.release(rows);
    }
  }
}

/** The first pass: what the encoding and the baselines learn, how many rows there are, and the first test rows. */
async function scan(dataset: Dataset, spec: Spec) {
  const fitter = new EncodingFitter(spec);
  const sampled: RowBlock[] = [];
  let trainingRows = 0;
  let testRows = 0;
  for await (const { training, test } of dataset.blocks()) {
    fitter.add(training);
    if (test.count > 0 && testRows < PARITY_ROWS)
      sampled.push(firstRows(test, PARITY_ROWS - testRows));
    trainingRows += training.count;
    testRows += test.count;
  }
  return { fitter, trainingRows, testRows, sample: appendRows(sampled) };
}

function encodeTargets(
  { spec, encoding }: { spec: Spec; encoding: FittedEncoding },
  { targets }: RowBlock,
) {
  return Float32Array.from(targets, (target) => encodeTarget(spec, encoding, target));
}

function describeData(
  { origin, checksum, split }: Dataset,
  trainingRows: number,
  testRows: number,
): TrainedCard['data'] {
  const rows = trainingRows + testRows;
  return { source: origin, checksum, rows, trainingRows, testRows, split };
}

function describeTraining(
  spec: TrainableSpec,
  members: readonly TrainedMember[],
  { tensorflow }: Assembled,
  started: number,
): TrainedCard['training'] {
  return {
    seed: spec.hyperparameters.seed,
    backend: members[0]!.backend,
    durationSeconds: Math.round((performance.now() - started) / 100) / 10,
    trainedAt: new Date().toISOString(),
    libraries: { '@tensorflow/tfjs': tensorflow, node: process.versions.node },
    members: members.map(({ epochs, bestEpoch, validation, calibration }) => ({
      epochs,
      bestEpoch,
      validation,
      calibration,
    })),
  };
}
