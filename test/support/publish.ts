import { Encoder } from '../../src/ml/encoding/encoder.js';
import { buildNetwork } from '../../src/ml/network.js';
import type { TrainableSpec } from '../../src/ml/spec.js';
import { loadTensorFlow } from '../../src/ml/tensorflow/backend.js';
import { toArtifact } from '../../src/ml/weights.js';
import type { ModelCard } from '../../src/registry/index.js';
import type { VersionService } from '../../src/registry/service.js';
import { fitEncoding } from '../ml/encoding/shapes.js';
import { rowsOf } from '../ml/specs.js';

/** A model of an image and a number. */
const MARKED: TrainableSpec = {
  name: 'marked',
  title: 'Marked',
  description: 'What a picture and a weight are worth.',
  task: 'regression',
  features: [
    { name: 'picture', kind: 'image', width: 8, height: 8 },
    { name: 'weight', kind: 'number' },
  ],
  target: { name: 'worth' },
  encoding: [
    { encode: 'standard', feature: 'weight' },
    { encode: 'pixels', feature: 'picture' },
  ],
  network: {
    convolutions: [{ filters: 2, kernel: 3 }],
    hidden: [3],
    activation: 'relu',
    members: 1,
  },
  hyperparameters: {
    epochs: 1,
    batchSize: 1,
    learningRate: 0.1,
    warmup: 0,
    beta2: 0.9,
    averaging: 0,
    validation: 0.1,
    patience: 1,
    loss: 'meanSquaredError',
    seed: 1,
  },
};

/** Publishes the untrained model `marked`. @returns the id of its version */
export async function publishRandom(
  versions: Pick<VersionService, 'publish'>,
  seed = 0,
): Promise<string> {
  const tensorflow = await loadTensorFlow('wasm');
  const encoding = fitEncoding(MARKED, rowsOf(MARKED, 10, 1));
  const network = buildNetwork(tensorflow, MARKED, new Encoder(MARKED, encoding), [seed]);
  const card = { metrics: { test: {}, baselines: {} } } as unknown as ModelCard;
  return versions.publish({
    artifact: 'layers',
    spec: MARKED,
    encoding,
    network: toArtifact(network),
    card,
    examples: [],
  });
}
