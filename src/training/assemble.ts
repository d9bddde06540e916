import { Encoder } from '../ml/encoding/encoder.js';
import { buildNetwork, runNetwork } from '../ml/network.js';
import type { LayersArtifact } from '../ml/plan/artifact.js';
import { compilePlan, runAll } from '../ml/plan/plan.js';
import type { RowBlock } from '../ml/rows.js';
import { loadTensorFlow } from '../ml/tensorflow/backend.js';
import type { TrainedMember, TrainingTask } from '../ml/trainer/trainer.js';
import { toArtifact, writeWeights } from '../ml/weights.js';
import type { TrainedCard } from '../registry/version.js';
import { checkParity } from './parity.js';

export interface Assembled {
  network: LayersArtifact;
  parity: TrainedCard['parity'];
  /** TensorFlow.js' version. */
  tensorflow: string;
}

/**
 * Joins the trained members to one network and proves that its compiled plan answers as TensorFlow.js does.
 * @param sample real rows to compare on
 * @throws LapidaryError `parity_failed`
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
  const expected = runNetwork(tensorflow, model, encoder, inputs);
  model.dispose();
  const maxRelativeDifference = checkParity(task, expected, runAll(compilePlan(network), inputs));
  return {
    network,
    parity: { rows: sample.count, maxRelativeDifference },
    tensorflow: tensorflow.version,
  };
}
