import { LapidaryError } from '../core/errors.js';
import { loadTensorFlow } from '../ml/backend.js';
import { Encoder } from '../ml/encoding/encoder.js';
import { buildNetwork, runNetwork, toArtifact, writeWeights } from '../ml/network.js';
import type { LayersArtifact } from '../ml/plan/artifact.js';
import { compilePlan, runAll } from '../ml/plan/plan.js';
import type { Table } from '../ml/table.js';
import { decodeTarget } from '../ml/target.js';
import type { TrainedMember, TrainingTask } from '../ml/trainer.js';
import type { ModelCard } from '../registry/version.js';

const PARITY_ROWS = 1000;
const PARITY_TOLERANCE = 1e-5;

export interface Assembled {
  network: LayersArtifact;
  parity: ModelCard['parity'];
  /** TensorFlow.js' version. */
  tensorflow: string;
}

/**
 * Joins the trained members to one network and proves that its compiled plan answers as TensorFlow.js does.
 * @param rows real rows to compare on; the first thousand count
 * @throws LapidaryError `parity_failed`
 */
export async function assemble(
  task: TrainingTask,
  members: readonly TrainedMember[],
  rows: Table,
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
  const sample = rows.take(
    Uint32Array.from({ length: Math.min(PARITY_ROWS, rows.rows) }, (_, row) => row),
  );
  const inputs = encoder.encodeTable(sample);
  const decode = (output: number) => decodeTarget(task.spec, task.encoding, output);
  const expected = Array.from(runNetwork(tensorflow, model, encoder, inputs), decode);
  const actual = Array.from(runAll(compilePlan(network), inputs), decode);
  model.dispose();

  const maxRelativeDifference = actual.reduce(
    (worst, value, row) => Math.max(worst, Math.abs(value / expected[row]! - 1)),
    0,
  );
  if (!(maxRelativeDifference <= PARITY_TOLERANCE)) {
    const detail = `the largest relative difference over ${sample.rows} rows is ${maxRelativeDifference}`;
    throw new LapidaryError('parity_failed', `${detail}; at most ${PARITY_TOLERANCE} is allowed`);
  }
  return {
    network,
    parity: { rows: sample.rows, maxRelativeDifference },
    tensorflow: tensorflow.version,
  };
}
