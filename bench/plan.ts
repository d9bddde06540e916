import { Directory } from '../src/adapters/objects/directory.js';
import { StoredRegistry } from '../src/adapters/stores/registry.js';
import { Encoder } from '../src/ml/encoding/encoder.js';
import { InstanceReader } from '../src/ml/encoding/instance.js';
import { runNetwork } from '../src/ml/network.js';
import { compilePlan, runAll } from '../src/ml/plan/plan.js';
import { loadTensorFlow } from '../src/ml/tensorflow/backend.js';
import { openNetwork } from '../src/ml/tensorflow/plan.js';
import type { Version } from '../src/registry/version.js';
import { ServingService } from '../src/serving/service.js';
import { pathOf } from './process.js';
import { compare, round } from './statistics.js';

const ROUNDS = 15;
const MODELS = pathOf('../../model');

/** Measures the compiled plan against TensorFlow.js on WASM, with the same network and encoded rows. */
export async function benchPlan(name: string, rows: number) {
  const { version } = await new ServingService(
    new StoredRegistry(new Directory('', { models: MODELS })),
  ).champion(name);
  const tensorflow = await loadTensorFlow('wasm');
  const { network } = version;
  const model = await openNetwork(tensorflow, network);
  const plan = compilePlan(network);
  const encoder = new Encoder(version.spec, version.encoding);
  const inputs = encodedRows(version, encoder, rows);
  const repeats = Math.max(1, Math.round(2000 / rows));
  const { first, second, ratio } = await compare(
    ROUNDS,
    time(() => runNetwork(tensorflow, model, encoder, inputs), repeats),
    time(() => runAll(plan, inputs), repeats),
  );
  return {
    model: name,
    rows,
    tensorflowMicroseconds: round(first),
    planMicroseconds: round(second),
    timesFaster: ratio,
  };
}

/** Returns a function that measures the mean microseconds of a run. */
function time(run: () => unknown, repeats: number): () => number {
  return () => {
    const started = performance.now();
    for (let i = 0; i < repeats; i++) run();
    return ((performance.now() - started) * 1000) / repeats;
  };
}

/** Encodes the version's examples, repeatedly. */
function encodedRows({ spec, examples }: Version, encoder: Encoder, rows: number): Float32Array {
  const reader = new InstanceReader(spec);
  const values = new Float64Array(reader.size);
  const inputs = new Float32Array(rows * encoder.width);
  for (let row = 0; row < rows; row++) {
    reader.read(examples[row % examples.length]!.instance, row, values, []);
    encoder.encode(values, inputs, row * encoder.width);
  }
  return inputs;
}
