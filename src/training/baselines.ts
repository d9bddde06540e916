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

/** Simple models to compare a model with. */
export interface Baselines {
  models: Record<string, Model>;
  /** Baselines that could not be fitted, with reasons. */
  remarks: string[];
}

/** Fits the baselines of a model. */
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

  /** Adds encoded training rows. */
  add(inputs: Float32Array, targets: Float32Array): void {
    this.linear?.add(inputs, targets);
    this.rows += targets.length;
    if (this.shares.length === 0) return;
    for (const target of targets) this.shares[hardClass(target)]!++;
  }

  /**
   * Fits all baselines. One that fails is left out with a remark, since the model does not need it.
   * @param rows all training rows
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
      const remark = `The ${name} baseline could not be fitted: ${reason}.`;
      return { models: constant, remarks: [remark] };
    }
  }

  /** Fits logistic regression, or linear regression on many inputs, as a network without hidden layers. */
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
