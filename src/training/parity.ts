import { describeParity } from '../cards/index.js';
import type { FittedEncoding } from '../ml/encoding/fitted.js';
import type { LayersArtifact } from '../ml/plan/artifact.js';
import { UnsupportedLayerError } from '../ml/plan/errors.js';
import { compilePlan, type Plan, runAll } from '../ml/plan/plan.js';
import { computeReference } from '../ml/reference/reference.js';
import type { Spec } from '../ml/spec.js';
import { decodeTarget } from '../ml/target.js';
import type { Parity } from '../registry/index.js';

/** Number of rows that a plan is proved on. */
export const PARITY_ROWS = 1000;
/** Maximum ratio of the plan's error to that of TensorFlow.js: both round, in different orders. */
const MOST_TIMES = 4;
/** Additional error allowed, as a share of the answers' scale: a few roundings of 24-bit numbers. */
const MOST_BEYOND = 1e-6;

/** Compiles a network to the plan that serves it. @throws UnsupportedLayerError */
export type PlanCompiler = (network: LayersArtifact) => Plan;

/** The outcome of comparing a network's compiled plan with TensorFlow.js. */
export interface Proof {
  /** Undefined if TensorFlow.js must serve. */
  plan?: Plan;
  parity?: Parity;
  /** The reason for a missing plan. */
  fallback?: string;
}

interface Task {
  spec: Spec;
  encoding: FittedEncoding;
}

/**
 * Proves that the compiled plan of a network may serve in place of TensorFlow.js. Neither is exact, so both are
 * compared with a 64-bit evaluation of the same network on the same rows.
 * @param inputs encoded rows @param answer computes the answers of TensorFlow.js
 * @param compile creates the plan
 * @throws CorruptArtifactError
 */
export function provePlan(
  task: Task,
  network: LayersArtifact,
  inputs: Float32Array,
  answer: (inputs: Float32Array) => Float32Array,
  compile: PlanCompiler = compilePlan,
): Proof {
  try {
    const plan = compile(network);
    const { rows, outputs } = computeReference(network, inputs);
    const compared = inputs.subarray(0, rows * plan.inputSize);
    const parity = compare(task, rows, outputs, runAll(plan, compared), answer(compared));
    return isAlike(parity)
      ? { plan, parity }
      : { fallback: `over ${rows} rows ${describeParity(parity)}`, parity };
  } catch (error) {
    if (error instanceof UnsupportedLayerError) return { fallback: error.message };
    throw error;
  }
}

/** Measures the errors of the plan and of TensorFlow.js. */
export function compare(
  { spec, encoding }: Task,
  rows: number,
  truth: Float64Array,
  plan: Float32Array,
  tensorflow: Float32Array,
): Parity {
  const isRegression = spec.task === 'regression';
  const decode = (output: number) => (isRegression ? decodeTarget(spec, encoding, output) : output);
  const answers = truth.map(decode);
  const scale = Math.sqrt(answers.reduce((sum, x) => sum + x ** 2, 0) / answers.length);
  const errorOf = (outputs: Float32Array) =>
    answers.reduce((most, x, i) => Math.max(most, Math.abs(decode(outputs[i]!) - x)), 0) /
    (scale || 1);
  return { rows, planError: errorOf(plan), tensorflowError: errorOf(tensorflow) };
}

/** Decides whether the plan is as exact as TensorFlow.js; NaN is not. */
export function isAlike({ planError, tensorflowError }: Parity): boolean {
  return planError! <= MOST_TIMES * tensorflowError! + MOST_BEYOND;
}
