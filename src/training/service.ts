import { type Dataset, instanceAt, readDataset } from '../datasets/service.js';
import { linearBaseline, medianBaseline } from '../ml/baselines.js';
import { Encoder } from '../ml/encoding/encoder.js';
import { fitEncoding } from '../ml/encoding/fit.js';
import { type RegressionMetrics, regressionMetrics } from '../ml/metrics.js';
import { parseSpec } from '../ml/parse-spec.js';
import { compilePlan } from '../ml/plan/plan.js';
import { Predictor } from '../ml/predictor.js';
import type { Spec } from '../ml/spec.js';
import { splitRows } from '../ml/split.js';
import type { Table } from '../ml/table.js';
import { encodeTarget } from '../ml/target.js';
import type { EpochProgress, TrainingTask } from '../ml/trainer.js';
import type { Registry } from '../registry/service.js';
import type { Example, ModelCard, Version } from '../registry/version.js';
import { assemble } from './assemble.js';
import type { ModelDefinitions, TrainingRunner } from './port.js';

/** What happens during a training, in the order it happens. */
export type TrainingEvent =
  | { event: 'read'; origin: string; trainingRows: number; testRows: number }
  | ({ event: 'epoch'; members: number } & EpochProgress)
  | { event: 'published'; version: string; card: ModelCard };

export interface Evaluation {
  model: string;
  version: string;
  data: { origin: string; checksum: string; testRows: number };
  metrics: RegressionMetrics;
  baselines: Record<string, RegressionMetrics>;
}

const EXAMPLES = 3;

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
   * Trains a model on its data's training rows, checks it and makes it the champion.
   * @throws LapidaryError `model_not_found`, `invalid_spec`, `invalid_dataset`, `parity_failed`
   */
  async train(
    model: string,
    onEvent: (event: TrainingEvent) => void,
  ): Promise<Omit<Version, 'network'>> {
    const started = performance.now();
    const spec = parseSpec(await this.definitions.readSpec(model));
    const dataset = await readDataset(await this.definitions.openData(model), spec);
    const { training, test } = splitTable(dataset.table);
    onEvent({
      event: 'read',
      origin: dataset.origin,
      trainingRows: training.rows,
      testRows: test.rows,
    });

    const task = toTask(spec, training);
    const members = await this.runner.train(task, (progress) =>
      onEvent({ event: 'epoch', members: spec.network.members, ...progress }),
    );
    const { network, parity, tensorflow } = await assemble(task, members, test);

    const predictor = new Predictor(spec, task.encoding, compilePlan(network));
    const card: ModelCard = {
      metrics: {
        test: score(spec, predictor, test),
        baselines: {
          median: medianBaseline(training, test),
          linear: linearBaseline(spec, task, test),
        },
      },
      data: describeData(dataset, training, test),
      training: {
        seed: spec.hyperparameters.seed,
        backend: members[0]!.backend,
        durationSeconds: Math.round((performance.now() - started) / 100) / 10,
        trainedAt: new Date().toISOString(),
        libraries: { '@tensorflow/tfjs': tensorflow, node: process.versions.node },
        members: members.map(({ epochs, bestEpoch, validation }) => ({
          epochs,
          bestEpoch,
          validation,
        })),
      },
      parity,
    };
    const content = {
      spec,
      encoding: task.encoding,
      network,
      card,
      examples: examplesOf(spec, test),
    };
    const id = await this.registry.publish(content);
    onEvent({ event: 'published', version: id, card });
    return { id, ...content };
  }

  /**
   * Scores a model's champion on the test rows of its data, along the path that serves.
   * @throws LapidaryError `model_not_found`, `version_corrupt`, `invalid_dataset`
   */
  async evaluate(model: string): Promise<Evaluation> {
    const { version, predictor } = await this.registry.champion(model);
    const dataset = await readDataset(await this.definitions.openData(model), version.spec);
    const { test } = splitTable(dataset.table);
    return {
      model,
      version: version.id,
      data: { origin: dataset.origin, checksum: dataset.checksum, testRows: test.rows },
      metrics: score(version.spec, predictor, test),
      baselines: version.card.metrics.baselines,
    };
  }
}

function splitTable(table: Table): { training: Table; test: Table } {
  const rows = splitRows(table.rows);
  return { training: table.take(rows.training), test: table.take(rows.test) };
}

function toTask(spec: Spec, training: Table): TrainingTask {
  const encoding = fitEncoding(spec, training);
  return {
    spec,
    encoding,
    inputs: new Encoder(spec, encoding).encodeTable(training),
    targets: Float32Array.from(training.target, (value) => encodeTarget(spec, encoding, value)),
  };
}

function score(spec: Spec, predictor: Predictor, table: Table): RegressionMetrics {
  const instances = Array.from({ length: table.rows }, (_, row) => instanceAt(spec, table, row));
  const values = predictor.predict(instances).map((answer) => answer.value);
  return regressionMetrics(values, table.target);
}

function describeData(
  { origin, checksum, table }: Dataset,
  training: Table,
  test: Table,
): ModelCard['data'] {
  return {
    source: origin,
    checksum,
    rows: table.rows,
    trainingRows: training.rows,
    testRows: test.rows,
    split: 'row i is a test row iff ((i * 2654435761) mod 2^32) / 2^32 < 0.2',
  };
}

function examplesOf(spec: Spec, test: Table): Example[] {
  const rows = Math.min(EXAMPLES, test.rows);
  return Array.from({ length: rows }, (_, row) => ({
    instance: instanceAt(spec, test, row),
    target: test.target[row]!,
  }));
}
