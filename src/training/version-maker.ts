import { defined } from '../core/defined.js';
import { Encoder } from '../ml/encoding/encoder.js';
import { PlanModel } from '../ml/plan-model.js';
import type { TrainableSpec } from '../ml/spec.js';
import { encodeTarget } from '../ml/target.js';
import { loadTensorFlowPlan } from '../ml/tensorflow/plan.js';
import type { EpochProgress, TrainedMember, TrainingTask } from '../ml/trainer/trainer.js';
import type { TrainedCard, Version } from '../registry/index.js';
import type { Dataset } from '../rows/open.js';
import { type Assembled, assemble, requireLearned } from './assemble.js';
import { BaselineFitter, type Baselines } from './baselines.js';
import { examplesOf } from './examples.js';
import { lineageOf } from './lineage.js';
import { type Material, remarksOnLeftOut } from './material.js';
import type { PlanCompiler } from './parity.js';
import type { StoredRows, TrainingRunner } from './port.js';
import { scoreAll } from './score.js';
import {
  type Found,
  type SearchOrder,
  searchHyperparameters,
  type Trial,
} from './search/search.js';

/** Events while a version is made, in order. */
export type VersionEvent =
  | {
      event: 'read';
      origin: string;
      trainingRows: number;
      testRows: number;
      /** Inferences about the format of the data, and rows that are left out. */
      remarks: readonly string[];
    }
  | { event: 'trial'; fraction: number; trial: Trial }
  | ({ event: 'epoch'; members: number } & EpochProgress)
  | { event: 'trained' };

interface MakingOptions {
  /** A spec with hyperparameters found by a search; it replaces the material's. */
  tuned?: TrainableSpec | undefined;
  search?: SearchOrder | undefined;
  /** Aborts with its reason. */
  signal?: AbortSignal;
  onEvent(event: VersionEvent): void;
}

/** The content of a trained version that is not published yet. */
type TrainedContent = Omit<Version, 'id' | 'card'> & { card: TrainedCard };

/**
 * Makes versions. Data is streamed three times: to fit the encoding, to encode the training rows, and to score the
 * test rows.
 */
export class VersionMaker {
  /** @param compile creates the plan that serves a network; default: the product's own */
  constructor(
    private readonly runner: TrainingRunner,
    private readonly compile?: PlanCompiler,
  ) {}

  /** Trains, checks and scores a version. @throws LapidaryError `invalid_dataset`, `training_diverged` */
  async make(material: Material, options: MakingOptions): Promise<TrainedContent> {
    const started = performance.now();
    const { dataset, fitter, coverage, arrangement, sample, data } = material;
    const { training: trainingRows, test: testRows } = coverage.rows;
    const { name } = material.spec;
    const { onEvent, search, signal } = options;
    const { origin, split } = dataset;
    const remarks = [...dataset.remarks, ...remarksOnLeftOut(material)];
    onEvent({ event: 'read', origin, trainingRows, testRows, remarks });

    const given: TrainingTask = { spec: material.spec, encoding: fitter.fit() };
    const encoder = new Encoder(given.spec, given.encoding);
    const size = { rows: trainingRows, width: encoder.width };
    const baselineFitter = new BaselineFitter(this.runner, given, fitter, size, signal);
    const rows = await this.store(given, dataset, encoder, baselineFitter);
    const { found, spec, members, baselines } = await this.compute(
      { ...given, spec: options.tuned ?? given.spec },
      rows,
      () => baselineFitter.fit(rows),
      options,
    );
    onEvent({ event: 'trained' });
    const task = { ...given, spec };
    const assembled = await assemble(task, members, sample, this.compile);
    signal?.throwIfAborted();

    const { network, proof } = assembled;
    const { encoding } = task;
    const model = new PlanModel(spec, encoding, proof.plan ?? (await loadTensorFlowPlan(network)));
    const models = { [name]: model, ...baselines.models };
    const { [name]: test, ...others } = await scoreAll(dataset, spec, models);
    const onLimits = [coverage.remarks(encoding), arrangement.remarks(), baselines.remarks].flat();
    const card: TrainedCard = {
      metrics: { test: test!, baselines: others },
      ...(onLimits.length > 0 && { remarks: onLimits }),
      data: {
        ...{ source: origin, checksum: dataset.checksum, split },
        ...{ rows: trainingRows + testRows, trainingRows, testRows },
      },
      training: describeTraining(spec, members, assembled, started),
      ...defined({ parity: proof.parity, fallback: proof.fallback }),
      lineage: lineageOf(given.spec, data, search),
      ...defined({ search: found?.summary }),
    };
    const examples = examplesOf(spec, sample);
    return { spec, artifact: 'layers', encoding, network, card, examples };
  }

  /** Reads the data a second time and stores its encoded training rows. */
  private store(
    task: TrainingTask,
    dataset: Dataset,
    encoder: Encoder,
    baselines: BaselineFitter,
  ): Promise<StoredRows> {
    return this.runner.store(encoder.width, async (collector) => {
      const { spec, encoding } = task;
      for await (const { training } of dataset.blocks()) {
        const inputs = encoder.encodeRows(training);
        const targets = Float32Array.from(training.targets, (target) =>
          encodeTarget(spec, encoding, target),
        );
        baselines.add(inputs, targets);
        await collector.append(inputs, targets);
      }
    });
  }

  private async compute(
    task: TrainingTask,
    rows: StoredRows,
    fitBaselines: () => Promise<Baselines>,
    { search, signal, onEvent }: MakingOptions,
  ) {
    try {
      let found: Found | undefined;
      if (search) {
        const onTrial = (trial: Trial, fraction: number) =>
          onEvent({ event: 'trial', fraction, trial });
        found = await searchHyperparameters(task, rows, this.runner, search, onTrial, signal);
      }
      const spec = found?.spec ?? task.spec;
      const onEpoch = (progress: EpochProgress) =>
        onEvent({ event: 'epoch', members: spec.network.members, ...progress });
      const members = await this.runner.train({ ...task, spec }, rows, onEpoch, signal);
      requireLearned(members);
      return { found, spec, members, baselines: await fitBaselines() };
    } finally {
      await this.runner.release(rows);
    }
  }
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
