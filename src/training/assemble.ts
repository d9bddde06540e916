import { LapidaryError } from '../core/errors.js';
import { Encoder } from '../ml/encoding/encoder.js';
import { buildNetwork, runNetwork } from '../ml/network.js';
import type { LayersArtifact } from '../ml/plan/artifact.js';
import type { RowBlock } from '../ml/rows.js';
import { loadTensorFlow } from '../ml/tensorflow/backend.js';
import type { TrainedMember, TrainingTask } from '../ml/trainer/trainer.js';
import { toArtifact, writeWeights } from '../ml/weights.js';
import { type PlanCompiler, type Proof, provePlan } from './parity.js';

export interface Assembled {
  network: LayersArtifact;
  /** The outcome of comparing its compiled plan with TensorFlow.js. */
  proof: Proof;
  /** Version of TensorFlow.js. */
  tensorflow: string;
}

/**
 * Joins trained members to one network, and compares its compiled plan with TensorFlow.js.
 * @param sample real rows to compare on @param compile creates the plan
 */
export async function assemble(
  task: TrainingTask,
  members: readonly TrainedMember[],
  sample: RowBlock,
  compile?: PlanCompiler,
): Promise<Assembled> {
  const { tensorflow, encoder, model } = await joinMembers(task, members);
  const network = toArtifact(model);
  const inputs = encoder.encodeRows(sample);
  const answer = (compared: Float32Array) => runNetwork(tensorflow, model, encoder, compared);
  const proof = provePlan(task, network, inputs, answer, compile);
  model.dispose();
  return { network, proof, tensorflow: tensorflow.version };
}

/** Joins trained members to one network without proof, for a baseline. */
export async function assembleUnproved(
  task: TrainingTask,
  members: readonly TrainedMember[],
): Promise<LayersArtifact> {
  const { model } = await joinMembers(task, members);
  const network = toArtifact(model);
  model.dispose();
  return network;
}

/**
 * Checks that each member has learnt.
 * @throws LapidaryError `training_diverged` if the loss of a member was never finite
 */
export function requireLearned(members: readonly TrainedMember[]): void {
  const diverged = members.find(({ bestEpoch }) => bestEpoch === 0);
  if (!diverged) return;
  throw new LapidaryError(
    'training_diverged',
    `the loss of member ${diverged.member} was not a number after any of ${diverged.epochs} epochs: ` +
      'lower learningRate, or check the data for extreme values',
  );
}

async function joinMembers(task: TrainingTask, members: readonly TrainedMember[]) {
  const tensorflow = await loadTensorFlow(task.backend);
  const encoder = new Encoder(task.spec, task.encoding);
  const model = buildNetwork(
    tensorflow,
    task.spec,
    encoder,
    members.map(({ member }) => member),
  );
  for (const { weights } of members) writeWeights(tensorflow, model, weights);
  return { tensorflow, encoder, model };
}
