import { canSolve, constantModel, LinearBaseline } from '../ml/baselines.js';
import type { EncodingFitter } from '../ml/encoding/fit.js';
import type { Model } from '../ml/model.js';
import { compilePlan } from '../ml/plan/plan.js';
import { PlanModel } from '../ml/plan-model.js';
import { classesOf, type TrainableSpec } from '../ml/spec.js';
import { decodeTarget, hardClass } from '../ml/target.js';
import type { TrainingTask } from '../ml/trainer/trainer.js';
import { assembleUnproved, requireLearned } from './assemble.js';
import type { StoredRows, TrainingRunner } from './port.js';

/** What a model has to be better than. */
export interface Baselines {
  models: Record<string, Model>;
  /** Which could not be made, and why. */
  remarks: string[];
}

/** Makes the simpler models that a model has to be better than. */
export class BaselineFitter {
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

  /**
   * Fits them all; one that cannot be made is left out with a remark, since the model does not need it.
   * @param rows all the training rows
   */
  async fit(rows: StoredRows): Promise<Baselines> {
    const { spec } = this.task;
    const isRegression = spec.task === 'regression';
    const name = isRegression ? 'linear' : 'logistic';
    const constant: Baselines['models'] = isRegression
      ? { median: constantModel(spec, [medianOf(spec, this.fitter)]) }
      : {
          prior: constantModel(
            spec,
            this.shares.map((count) => count / this.rows),
          ),
        };
    try {
      const line = await this.fitLine(rows);
      return { models: { ...constant, [name]: line }, remarks: [] };
    } catch (error) {
      this.signal?.throwIfAborted();
      const reason = (error as Error).message;
      const remark = `There is no ${name} baseline to compare the model with: ${reason}.`;
      return { models: constant, remarks: [remark] };
    }
  }

  /** Logistic regression, and linear regression on many inputs, is the network without any hidden layer. */
  private async fitLine(rows: StoredRows): Promise<Model> {
    const { spec, encoding } = this.task;
    if (this.linear) return this.linear.fit(spec, encoding);
    const task: TrainingTask = { ...this.task, spec: withoutHidden(spec) };
    const members = await this.runner.train(task, rows, () => {}, this.signal);
    requireLearned(members);
    const network = await assembleUnproved(task, members);
    return new PlanModel(task.spec, task.encoding, compilePlan(network));
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
