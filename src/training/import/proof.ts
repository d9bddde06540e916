import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Encoder } from '../../ml/encoding/encoder.js';
import type { FittedEncoding } from '../../ml/encoding/fitted.js';
import type { LayersArtifact } from '../../ml/plan/artifact.js';
import { CorruptArtifactError } from '../../ml/plan/errors.js';
import { type Plan, runAll } from '../../ml/plan/plan.js';
import type { RowBlock } from '../../ml/rows.js';
import { classesOf, type Spec } from '../../ml/spec.js';
import type { TensorFlow } from '../../ml/tensorflow/backend.js';
import { tensorFlowPlan } from '../../ml/tensorflow/plan.js';
import { type Proof, provePlan } from '../parity.js';
import { refusal } from './artifact.js';

/** The plan that serves an imported model, with its proof. */
export type ServingProof = Proof & { plan: Plan };

const PROBABILITY_TOLERANCE = 1e-3;
/** Maximum error that rounding explains, as a share of the answers' scale. */
const MOST_ROUNDING = 1e-3;

/**
 * Runs a model over rows with TensorFlow.js, and proves its compiled plan if it has one.
 * @throws LapidaryError `invalid_model` if TensorFlow.js cannot run it, deviates from its configuration, or returns
 *   answers that do not fit the spec's task
 */
export function prove(
  tensorflow: TensorFlow,
  network: LayersModel,
  artifact: LayersArtifact,
  task: { spec: Spec; encoding: FittedEncoding },
  rows: RowBlock,
): ServingProof {
  if (!new Float32Array(artifact.weightData).every(Number.isFinite))
    throw refusal('some of its weights are not numbers: its training has diverged');
  const inputs = new Encoder(task.spec, task.encoding).encodeRows(rows);
  const reference = tensorFlowPlan(tensorflow, network);
  const answer = (some: Float32Array): Float32Array => {
    const answered = runReference(reference, some);
    checkAnswers(task.spec, answered);
    return answered;
  };
  const proof = proveOrRefuse(task, artifact, inputs, answer);
  if (!proof.parity) answer(inputs);
  const error = proof.parity?.tensorflowError ?? 0;
  if (error > MOST_ROUNDING) {
    throw refusal(
      `TensorFlow.js deviates from the model's configuration: its answers are off by ` +
        `${error.toExponential(1)} of their scale. It ignores a setting of a layer, or the difference of large ` +
        'numbers exceeds the precision of 32 bits',
    );
  }
  return { plan: reference, ...proof };
}

function runReference(reference: Plan, inputs: Float32Array): Float32Array {
  try {
    return runAll(reference, inputs);
  } catch (error) {
    throw refusal(`TensorFlow.js cannot run it: ${(error as Error).message}`, error);
  }
}

function proveOrRefuse(...given: Parameters<typeof provePlan>): Proof {
  try {
    return provePlan(...given);
  } catch (error) {
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
        `its outputs are not class probabilities (such as ${[...row].map((output) => output.toFixed(3))}): ` +
          'end it with a softmax',
      );
    }
  }
}
