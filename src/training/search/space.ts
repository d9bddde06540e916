import { defined } from '../../core/defined.js';
import { seededRandom } from '../../ml/random.js';
import type { TrainableSpec } from '../../ml/spec.js';

/** Hyperparameters of a trial that override the spec. */
export interface Candidate {
  learningRate: number;
  batchSize: number;
  hidden: number[];
  dropout?: number;
  weightDecay?: number;
}

/** Learning rate and weight decay are drawn from a fifth to five times the given value. */
const RATE_FACTOR = 5;
const BATCH_FACTORS = [0.5, 1, 2];
const FEWEST_UNITS = 8;
const MOST_UNITS = 256;
const MOST_LAYERS = 3;
const MOST_DROPOUT = 0.3;

/**
 * Draws candidates at random, which needs far fewer trials than a grid (Bergstra and Bengio, 2012); scales are drawn
 * over the logarithm. The first is the spec itself. The n-th does not depend on the count.
 */
export function drawCandidates(spec: TrainableSpec, count: number, seed: number): Candidate[] {
  const random = seededRandom(seed);
  const others = Array.from({ length: count - 1 }, () => draw(spec, random));
  return [candidateOf(spec), ...others];
}

/** Returns the spec with a candidate's hyperparameters. */
export function withCandidate(spec: TrainableSpec, candidate: Candidate): TrainableSpec {
  const { hidden, dropout, learningRate, batchSize, weightDecay } = candidate;
  return {
    ...spec,
    network: { ...spec.network, hidden, ...defined({ dropout }) },
    hyperparameters: {
      ...spec.hyperparameters,
      ...{ learningRate, batchSize, ...defined({ weightDecay }) },
    },
  };
}

function candidateOf({ network, hyperparameters }: TrainableSpec): Candidate {
  const { learningRate, batchSize, weightDecay } = hyperparameters;
  const { hidden, dropout } = network;
  return { learningRate, batchSize, hidden, ...defined({ dropout, weightDecay }) };
}

/** Draws a candidate. The count of random numbers does not depend on the spec, so a seed is comparable. */
function draw(spec: TrainableSpec, random: () => number): Candidate {
  const { learningRate, batchSize, weightDecay } = spec.hyperparameters;
  const [rate, batch, depth] = [random(), random(), random()];
  const [width, drop, decay] = [random(), random(), random()];
  const around = (given: number, share: number) => given * RATE_FACTOR ** (2 * share - 1);
  return {
    learningRate: rounded(around(learningRate, rate)),
    batchSize: Math.max(1, Math.round(batchSize * BATCH_FACTORS[Math.floor(3 * batch)]!)),
    hidden: drawHidden(spec.network.hidden, depth, width),
    ...(spec.network.dropout !== undefined && { dropout: rounded(MOST_DROPOUT * drop) }),
    ...(weightDecay !== undefined && { weightDecay: rounded(around(weightDecay, decay)) }),
  };
}

/** Draws one layer less or more, each half as wide as the one before; a linear model stays linear. */
function drawHidden(given: readonly number[], depth: number, width: number): number[] {
  if (given.length === 0) return [];
  const layers = given.length - 1 + Math.floor(3 * depth);
  const first = Math.min(MOST_UNITS, Math.max(...given) * 2) / FEWEST_UNITS;
  const units = FEWEST_UNITS * Math.max(1, first) ** width;
  const count = Math.min(Math.max(given.length, MOST_LAYERS), Math.max(1, layers));
  return Array.from({ length: count }, (_, i) =>
    Math.max(FEWEST_UNITS, Math.round(units / 2 ** i)),
  );
}

/** Rounds to three significant digits, for display. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
