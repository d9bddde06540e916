import { describeParity } from '../cards/index.js';
import type { FittedEncoding } from '../ml/encoding/fitted.js';
import type { LayersArtifact } from '../ml/plan/artifact.js';
import { UnsupportedLayerError } from '../ml/plan/errors.js';
import { compilePlan, type Plan, runAll } from '../ml/plan/plan.js';
import { computeReference } from '../ml/reference/reference.js';
import type { Spec } from '../ml/spec.js';
import { decodeTarget } from '../ml/target.js';
import type { Parity } from '../registry/index.js';

/** Rows that a plan is proved on. */
export const PARITY_ROWS = 1000;
/** The plan may be this many times as far from the truth as TensorFlow.js is: both round, in different orders. */
const MOST_TIMES = 4;
/** And this much further, of the answers' scale: a few roundings of a number of 24 bits. */
const MOST_BEYOND = 1e-6;

/** Compiles a network to the plan that is to serve it. @throws UnsupportedLayerError */
export type PlanCompiler = (network: LayersArtifact) => Plan;

/** What comes of comparing a network's compiled plan with TensorFlow.js. */
export interface Proof {
  /** None where TensorFlow.js has to serve. */
  plan?: Plan;
  parity?: Parity;
  /** Why there is no plan. */
  fallback?: string;
}

interface Task {
  spec: Spec;
  encoding: FittedEncoding;
}

/**
 * Proves that the compiled plan of a network may serve in place of TensorFlow.js: neither is the truth, so
 * both are compared with a 64-bit evaluation of the same network on the same rows.
 * @param inputs encoded rows @param answer what TensorFlow.js answers to such
 * @param compile makes the plan
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

/** How far plan and TensorFlow.js are from the truth. */
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

/** Whether the plan is as good as TensorFlow.js; what is not a number is not. */
export function isAlike({ planError, tensorflowError }: Parity): boolean {
  return planError! <= MOST_TIMES * tensorflowError! + MOST_BEYOND;
}
