import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Encoder } from '../../ml/encoding/encoder.js';
import type { FittedEncoding } from '../../ml/encoding/fitted.js';
import type { LayersArtifact } from '../../ml/plan/artifact.js';
import { CorruptArtifactError, UnsupportedLayerError } from '../../ml/plan/errors.js';
import { compilePlan, type Plan, runAll } from '../../ml/plan/plan.js';
import type { RowBlock } from '../../ml/rows.js';
import { classesOf, type Spec } from '../../ml/spec.js';
import type { TensorFlow } from '../../ml/tensorflow/backend.js';
import { tensorFlowPlan } from '../../ml/tensorflow/plan.js';
import { checkParity } from '../parity.js';
import { refusal } from './artifact.js';

/** What will serve the model: the compiled plan, which answered alike, or TensorFlow.js, and why. */
export type Proof = { plan: Plan } & ({ maxRelativeDifference: number } | { fallback: string });

const PROBABILITY_TOLERANCE = 1e-3;

/**
 * Runs a model over rows with TensorFlow.js, and proves that its compiled plan answers alike if it has one.
 * @throws LapidaryError `parity_failed`; `invalid_model` when TensorFlow.js cannot run it, or what it
 *   answers is no answer of the spec's task
 */
export function prove(
  tensorflow: TensorFlow,
  network: LayersModel,
  artifact: LayersArtifact,
  task: { spec: Spec; encoding: FittedEncoding },
  rows: RowBlock,
): Proof {
  const inputs = new Encoder(task.spec, task.encoding).encodeRows(rows);
  const reference = tensorFlowPlan(tensorflow, network);
  const expected = runReference(reference, inputs);
  checkAnswers(task.spec, expected);
  const plan = compile(artifact);
  if (typeof plan === 'string') return { plan: reference, fallback: plan };
  return { plan, maxRelativeDifference: checkParity(task, expected, runAll(plan, inputs)) };
}

function runReference(reference: Plan, inputs: Float32Array): Float32Array {
  try {
    return runAll(reference, inputs);
  } catch (error) {
    throw refusal(`TensorFlow.js cannot run it: ${(error as Error).message}`, error);
  }
}

/** The plan, or why there is none. */
function compile(artifact: LayersArtifact): Plan | string {
  try {
    return compilePlan(artifact);
  } catch (error) {
    if (error instanceof UnsupportedLayerError) return error.message;
    if (error instanceof CorruptArtifactError) throw refusal(error.message, error);
    throw error;
  }
}

function checkAnswers(spec: Spec, outputs: Float32Array): void {
  const odd = outputs.findIndex((output) => !Number.isFinite(output));
  if (odd >= 0) throw refusal(`it answers ${outputs[odd]} to some inputs`);
  const { length } = classesOf(spec);
  if (length === 0) return;
  for (let at = 0; at < outputs.length; at += length) {
    const row = outputs.subarray(at, at + length);
    const sum = row.reduce((total, output) => total + output, 0);
    if (row.some((output) => output < 0) || Math.abs(sum - 1) > PROBABILITY_TOLERANCE) {
      throw refusal(
        `its outputs are no probabilities of the classes (such as ${[...row].map((output) => output.toFixed(3))}): ` +
          'end it with a softmax',
      );
    }
  }
}
