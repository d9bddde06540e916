import { type Baseline, canSolve, constantBaseline, LinearBaseline } from '../ml/baselines.js';
import type { EncodingFitter } from '../ml/encoding/fit.js';
import { compilePlan } from '../ml/plan/plan.js';
import { Predictor } from '../ml/predictor.js';
import type { RowBlock } from '../ml/rows.js';
import { classesOf, type TrainableSpec } from '../ml/spec.js';
import { decodeTarget, hardClass } from '../ml/target.js';
import type { TrainingTask } from '../ml/trainer/trainer.js';
import { assemble } from './assemble.js';
import type { StoredRows, TrainingRunner } from './port.js';

/** Makes the simpler predictors that a model has to be better than. */
export class BaselineTrainer {
  private readonly linear: LinearBaseline | undefined;
  private readonly shares: number[];
  private rows = 0;

  constructor(
    private readonly runner: TrainingRunner,
    private readonly task: TrainingTask,
    private readonly fitter: EncodingFitter,
    { rows, width }: { rows: number; width: number },
    private readonly signal?: AbortSignal,
  ) {
    const solves = task.spec.task === 'regression' && canSolve(rows, width);
    this.linear = solves ? new LinearBaseline(width) : undefined;
    this.shares = classesOf(task.spec).map(() => 0);
  }

  /** Shows them encoded training rows. */
  add(inputs: Float32Array, targets: Float32Array): void {
    this.linear?.add(inputs, targets);
    this.rows += targets.length;
    if (this.shares.length === 0) return;
    for (const target of targets) this.shares[hardClass(target)]!++;
  }

  /** @param rows all the training rows @param sample real rows */
  async fit(rows: StoredRows, sample: RowBlock): Promise<Record<string, Baseline | Predictor>> {
    const { spec, encoding } = this.task;
    if (spec.task === 'regression') {
      const linear = this.linear?.fit(spec, encoding) ?? (await this.trainShallow(rows, sample));
      return { median: constantBaseline([medianOf(spec, this.fitter)]), linear };
    }
    const prior = constantBaseline(this.shares.map((count) => count / this.rows));
    return { prior, logistic: await this.trainShallow(rows, sample) };
  }

  /** Logistic regression, and linear regression on many inputs, is the network without any hidden layer. */
  private async trainShallow(rows: StoredRows, sample: RowBlock): Promise<Predictor> {
    const task: TrainingTask = { ...this.task, spec: withoutHidden(this.task.spec) };
    const members = await this.runner.train(task, rows, () => {}, this.signal);
    const { network } = await assemble(task, members, sample);
    return new Predictor(task.spec, task.encoding, compilePlan(network));
  }
}

function medianOf(spec: TrainableSpec, { target }: EncodingFitter): number {
  return decodeTarget(spec, { target: { mean: 0, deviation: 1 } }, target.median);
}

function withoutHidden(spec: TrainableSpec): TrainableSpec {
  const { convolutions: _, ...network } = spec.network;
  const { augmentation: __, ...hyperparameters } = spec.hyperparameters;
  return { ...spec, network: { ...network, hidden: [], members: 1 }, hyperparameters };
}
