import { Encoder } from '../ml/encoding/encoder.js';
import { EncodingFitter } from '../ml/encoding/fit.js';
import type { FittedEncoding } from '../ml/encoding/fitted.js';
import { PlanModel } from '../ml/plan-model.js';
import { appendRows, firstRows, type RowBlock } from '../ml/rows.js';
import type { Spec, TrainableSpec } from '../ml/spec.js';
import { encodeTarget } from '../ml/target.js';
import { loadTensorFlowPlan } from '../ml/tensorflow/plan.js';
import type { EpochProgress, TrainedMember, TrainingTask } from '../ml/trainer/trainer.js';
import type { TrainedCard, Version } from '../registry/index.js';
import { addCounts, describeWords, refuseOpenWords } from '../rows/left-out.js';
import { type Dataset, openDataset, type SplitBlock } from '../rows/open.js';
import type { DataSource } from '../rows/source.js';
import { Arrangement } from './arrangement.js';
import { type Assembled, assemble, requireLearned } from './assemble.js';
import { BaselineFitter, type Baselines } from './baselines.js';
import { Coverage } from './coverage.js';
import { examplesOf } from './examples.js';
import { dataOf, type LineageData, lineageOf } from './lineage.js';
import { PARITY_ROWS, type PlanCompiler } from './parity.js';
import type { StoredRows, TrainingRunner } from './port.js';
import { scoreAll } from './score.js';
import {
  type Found,
  type SearchOrder,
  searchHyperparameters,
  type Trial,
} from './search/search.js';

/** Events while a version is made, in their order. */
export type VersionEvent =
  | {
      event: 'read';
      origin: string;
      trainingRows: number;
      testRows: number;
      /** What was inferred of how the data is written, and what is left out. */
      remarks: readonly string[];
    }
  | { event: 'trial'; fraction: number; trial: Trial }
  | ({ event: 'epoch'; members: number } & EpochProgress)
  | { event: 'trained' };

/** Data after the first pass: its extent, and what the encoding is fitted to. */
export interface Material {
  spec: TrainableSpec;
  dataset: Dataset;
  data: LineageData;
  fitter: EncodingFitter;
  coverage: Coverage;
  arrangement: Arrangement;
  /** Rows without a target, by what they have instead. */
  leftOut: ReadonlyMap<string, number>;
  /** The first test rows. */
  sample: RowBlock;
}

export interface MakingOptions {
  /** The spec with hyperparameters of a search, in place of the material's. */
  tuned?: TrainableSpec;
  search?: SearchOrder;
  /** Aborts it; the signal's reason is thrown. */
  signal?: AbortSignal;
  onEvent(event: VersionEvent): void;
}

/** A trained version that has no id yet. */
export type TrainedContent = Omit<Version, 'id' | 'card'> & { card: TrainedCard };

/**
 * Trains versions. The data is read three times and never held: to fit the encoding, to encode the training rows, and
 * to score the test rows.
 */
export class VersionMaker {
  /** @param compile makes the plan that serves a network; the product's own by default */
  constructor(
    private readonly runner: TrainingRunner,
    private readonly compile?: PlanCompiler,
  ) {}

  /** The first pass. @throws LapidaryError `invalid_dataset` */
  async read(spec: TrainableSpec, source: DataSource, signal?: AbortSignal): Promise<Material> {
    const dataset = abortable(openDataset(source, spec), signal);
    const scanned = await scan(dataset, spec);
    scanned.coverage.requireLearnable(dataset.origin);
    return { spec, dataset, data: dataOf(source) ?? { checksum: dataset.checksum }, ...scanned };
  }

  /** Trains, checks and scores. @throws LapidaryError `invalid_dataset`, `training_diverged` */
  async make(material: Material, options: MakingOptions): Promise<TrainedContent> {
    const started = performance.now();
    const { dataset, fitter, coverage, arrangement, sample, data } = material;
    const { training: trainingRows, test: testRows } = coverage.rows;
    const { name } = material.spec;
    const { onEvent, search, signal } = options;
    const { origin } = dataset;
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
    const plan = proof.plan ?? (await loadTensorFlowPlan(network));
    const { [name]: test, ...others } = await scoreAll(dataset, spec, {
      [name]: new PlanModel(spec, task.encoding, plan),
      ...baselines.models,
    });
    const limits = [
      ...coverage.remarks(task.encoding),
      ...arrangement.remarks(),
      ...baselines.remarks,
    ];
    const card: TrainedCard = {
      metrics: { test: test!, baselines: others },
      ...(limits.length > 0 && { remarks: limits }),
      data: describeData(dataset, trainingRows, testRows),
      training: describeTraining(spec, members, assembled, started),
      ...(proof.parity && { parity: proof.parity }),
      ...(proof.fallback !== undefined && { fallback: proof.fallback }),
      lineage: lineageOf(given.spec, data, search),
      ...(found && { search: found.report }),
    };
    const artifact = 'layers';
    return {
      spec,
      artifact,
      encoding: task.encoding,
      network,
      card,
      examples: examplesOf(spec, sample),
    };
  }

  /** The second pass. */
  private store(
    task: TrainingTask,
    dataset: Dataset,
    encoder: Encoder,
    baselines: BaselineFitter,
  ): Promise<StoredRows> {
    return this.runner.store(encoder.width, async (collector) => {
      for await (const { training } of dataset.blocks()) {
        const inputs = encoder.encodeRows(training);
        const targets = encodeTargets(task, training);
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

/** A dataset whose blocks end when the signal aborts, by throwing its reason. */
export function abortable(dataset: Dataset, signal?: AbortSignal): Dataset {
  if (!signal) return dataset;
  return {
    origin: dataset.origin,
    split: dataset.split,
    remarks: dataset.remarks,
    get checksum() {
      return dataset.checksum;
    },
    async *blocks(): AsyncGenerator<SplitBlock> {
      for await (const block of dataset.blocks()) {
        signal.throwIfAborted();
        yield block;
      }
    },
  };
}

/** The first pass: what the encoding and the baselines learn, how many rows there are, and the first test rows. */
async function scan(dataset: Dataset, spec: Spec) {
  const fitter = new EncodingFitter(spec);
  const coverage = new Coverage(spec);
  const arrangement = new Arrangement(spec);
  const sampled: RowBlock[] = [];
  const leftOut = new Map<string, number>();
  for await (const { training, test, leftOut: words } of dataset.blocks()) {
    addCounts(leftOut, words);
    fitter.add(training);
    const held = coverage.rows.test;
    if (test.count > 0 && held < PARITY_ROWS) sampled.push(firstRows(test, PARITY_ROWS - held));
    coverage.add('training', training);
    coverage.add('test', test);
    arrangement.add(training, test);
  }
  const { training, test } = coverage.rows;
  const without = [...leftOut.values()].reduce((sum, count) => sum + count, 0);
  refuseOpenWords(leftOut, training + test + without, spec.target);
  return { fitter, coverage, arrangement, leftOut, sample: appendRows(sampled) };
}

function remarksOnLeftOut({ spec, leftOut }: Material): string[] {
  const rows = [...leftOut.values()].reduce((sum, count) => sum + count, 0);
  return rows === 0
    ? []
    : [`${rows} rows without ${spec.target.name} are left out: ${describeWords(leftOut)}`];
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
