import { LapidaryError } from '../core/errors.js';
import { loadTensorFlow } from '../ml/backend.js';
import { Encoder } from '../ml/encoding/encoder.js';
import { buildNetwork, runNetwork } from '../ml/network.js';
import type { LayersArtifact } from '../ml/plan/artifact.js';
import { compilePlan, runAll } from '../ml/plan/plan.js';
import type { RowBlock } from '../ml/rows.js';
import { decodeTarget } from '../ml/target.js';
import type { TrainedMember, TrainingTask } from '../ml/trainer.js';
import { toArtifact, writeWeights } from '../ml/weights.js';
import type { ModelCard } from '../registry/version.js';

/** Rows that plan and TensorFlow.js are compared on. */
export const PARITY_ROWS = 1000;
const PARITY_TOLERANCE = 1e-5;
/** Of a probability below this no more digits matter; nor of a number below this share of what is usual. */
const LEAST_PROBABILITY = 1e-6;
const LEAST_SHARE = 1e-3;

export interface Assembled {
  network: LayersArtifact;
  parity: ModelCard['parity'];
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
  const decode = (output: number) =>
    task.spec.task === 'regression' ? decodeTarget(task.spec, task.encoding, output) : output;
  const expected = Array.from(runNetwork(tensorflow, model, encoder, inputs), decode);
  const actual = Array.from(runAll(compilePlan(network), inputs), decode);
  model.dispose();

  const least =
    task.spec.task === 'regression' ? LEAST_SHARE * scaleOf(expected) : LEAST_PROBABILITY;
  const maxRelativeDifference = actual.reduce((worst, value, i) => {
    const difference = Math.abs(value - expected[i]!) / Math.max(least, Math.abs(expected[i]!));
    return Math.max(worst, difference);
  }, 0);
  if (!(maxRelativeDifference <= PARITY_TOLERANCE)) {
    const detail = `the largest relative difference over ${sample.count} rows is ${maxRelativeDifference}`;
    throw new LapidaryError('parity_failed', `${detail}; at most ${PARITY_TOLERANCE} is allowed`);
  }
  return {
    network,
    parity: { rows: sample.count, maxRelativeDifference },
    tensorflow: tensorflow.version,
  };
}

/** Root of the mean square. */
function scaleOf(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
}
