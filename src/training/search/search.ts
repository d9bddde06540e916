import type { TrainableSpec } from '../../ml/spec.js';
import type { TrainingTask } from '../../ml/trainer/trainer.js';
import type { SearchReport } from '../../registry/index.js';
import type { StoredRows, TrainingRunner } from '../port.js';
import { type Candidate, drawCandidates, withCandidate } from './space.js';

/** A request to search for hyperparameters. */
export interface SearchOrder {
  trials: number;
  seed: number;
}

/** The state of a trial after a round. */
export interface Trial {
  trial: number;
  hyperparameters: Candidate;
  epochs: number;
  /** Infinite if training diverged. */
  validation: number;
}

export interface Found {
  spec: TrainableSpec;
  summary: SearchReport;
}

/** Factor by which each round reduces the trials and increases the epochs. */
const HALVING = 3;

/**
 * Searches hyperparameters by successive halving (Jamieson and Talwalkar, 2016; the most exploratory bracket of
 * Hyperband, Li et al., 2018): all trials get few epochs, the best third three times as many, until one is left. Each
 * trial is one member, scored on the same validation part of the training rows; test rows are not used. Trial 0 is the
 * spec itself and remains in every round, so the result is never worse on validation.
 */
export async function searchHyperparameters(
  task: TrainingTask,
  rows: StoredRows,
  runner: TrainingRunner,
  { trials, seed }: SearchOrder,
  onTrial: (trial: Trial, fraction: number) => void,
  signal?: AbortSignal,
): Promise<Found> {
  const candidates = drawCandidates(task.spec, trials, seed);
  const rounds = planRounds(trials, task.spec.hyperparameters.epochs);
  const work = rounds.reduce((sum, { count, epochs }) => sum + count * epochs, 0);
  const last = new Map<number, Trial>();
  let survivors = candidates.map((_, trial) => trial);
  let done = 0;
  for (const { epochs, keeps } of rounds) {
    for (const trial of survivors) {
      const hyperparameters = candidates[trial]!;
      const validation = await run(task, rows, runner, hyperparameters, epochs, signal);
      const tried = { trial, hyperparameters, epochs, validation };
      last.set(trial, tried);
      done += epochs;
      onTrial(tried, Math.min(1, done / work));
    }
    survivors = best(survivors, last).slice(0, keeps);
    if (!survivors.includes(0)) survivors.push(0);
  }
  const [winner] = best(survivors, last);
  return {
    spec: withCandidate(task.spec, candidates[winner!]!),
    summary: { best: winner!, trials: [...last.values()].map(shown) },
  };
}

/** Sorts trials, best first; of equals the earlier. */
function best(trials: readonly number[], last: ReadonlyMap<number, Trial>): number[] {
  const scoreOf = (trial: number) => last.get(trial)!.validation;
  return trials.toSorted((a, b) =>
    scoreOf(a) === scoreOf(b) ? a - b : scoreOf(a) < scoreOf(b) ? -1 : 1,
  );
}

/** Plans the rounds: trials, epochs, and trials that continue; the spec's own trial is extra. */
function planRounds(trials: number, epochs: number) {
  const rounds = 1 + Math.floor(Math.log(trials) / Math.log(HALVING) + 1e-9);
  return Array.from({ length: rounds }, (_, round) => {
    const going = (i: number) => Math.max(1, Math.floor(trials / HALVING ** i));
    const left = rounds - 1 - round;
    return {
      count: going(round) + Number(round > 0),
      keeps: left === 0 ? trials : going(round + 1),
      epochs: Math.max(1, Math.round(epochs / HALVING ** left)),
    };
  });
}

async function run(
  { spec, ...task }: TrainingTask,
  rows: StoredRows,
  runner: TrainingRunner,
  candidate: Candidate,
  epochs: number,
  signal?: AbortSignal,
): Promise<number> {
  const { network, hyperparameters, ...rest } = withCandidate(spec, candidate);
  const alone: TrainableSpec = {
    ...rest,
    network: { ...network, members: 1 },
    hyperparameters: { ...hyperparameters, epochs },
  };
  const [member] = await runner.train({ ...task, spec: alone }, rows, () => {}, signal);
  const { validation } = member!;
  return Number.isNaN(validation) ? Number.POSITIVE_INFINITY : validation;
}

function shown({ validation, hyperparameters, ...trial }: Trial): SearchReport['trials'][number] {
  return {
    ...trial,
    hyperparameters: { ...hyperparameters },
    ...(Number.isFinite(validation) && { validation }),
  };
}
