import { Encoder } from '../ml/encoding/encoder.js';
import { buildNetwork, runNetwork } from '../ml/network.js';
import type { LayersArtifact } from '../ml/plan/artifact.js';
import type { RowBlock } from '../ml/rows.js';
import { loadTensorFlow } from '../ml/tensorflow/backend.js';
import type { TrainedMember, TrainingTask } from '../ml/trainer/trainer.js';
import { toArtifact, writeWeights } from '../ml/weights.js';
import { type Proof, provePlan } from './parity.js';

export interface Assembled {
  network: LayersArtifact;
  /** Whether its compiled plan may serve it. */
  proof: Proof;
  /** TensorFlow.js' version. */
  tensorflow: string;
}

/**
 * Joins the trained members to one network, and compares its compiled plan with TensorFlow.js.
 * @param sample real rows to compare on
 */
export async function assemble(
  task: TrainingTask,
  members: readonly TrainedMember[],
  sample: RowBlock,
): Promise<Assembled> {
  const tensorflow = await loadTensorFlow(task.backend);
  const encoder = new Encoder(task.spec, task.encoding);
  const model = buildNetwork(
    tensorflow,
    task.spec,
    encoder,
    members.map(({ member }) => member),
  );
  for (const { weights } of members) writeWeights(tensorflow, model, weights);

  const network = toArtifact(model);
  const inputs = encoder.encodeRows(sample);
  const proof = provePlan(task, network, inputs, (compared) =>
    runNetwork(tensorflow, model, encoder, compared),
  );
  model.dispose();
  return { network, proof, tensorflow: tensorflow.version };
}
