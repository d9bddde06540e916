import { fileURLToPath } from 'node:url';
import { LocalRegistryStore } from '../src/adapters/local/registry.js';
import { loadTensorFlow } from '../src/ml/backend.js';
import { Encoder } from '../src/ml/encoding/encoder.js';
import { InstanceReader } from '../src/ml/encoding/instance.js';
import { compilePlan, runAll } from '../src/ml/plan/plan.js';
import { Registry } from '../src/registry/service.js';
import { INSTANCE } from './instance.js';
import { compare, round } from './statistics.js';

const ROUNDS = 15;
const MODELS = fileURLToPath(new URL('../../model', import.meta.url));

/** Time of the compiled plan against TensorFlow.js on WASM: the same network, the same encoded rows. */
export async function benchPlan(rows: number) {
  const { version } = await new Registry(new LocalRegistryStore(MODELS)).champion('diamonds');
  const { tf, layers } = await loadTensorFlow('wasm');
  const { network } = version;
  const model = await layers.loadLayersModel(
    tf.io.fromMemory({
      ...network,
      modelTopology: network.modelTopology as object,
      weightSpecs: [...network.weightSpecs] as never,
    }),
  );
  const plan = compilePlan(network);
  const inputs = encodedRows(version.spec, version.encoding, rows);
  const repeats = Math.max(1, Math.round(2000 / rows));

  const runPlan = (): void => {
    runAll(plan, inputs);
  };
  const runTensorFlow = (): void => {
    const output = tf.tidy(() =>
      model.predictOnBatch(tf.tensor2d(inputs, [rows, plan.inputSize])),
    ) as ReturnType<typeof tf.tensor>;
    output.dataSync();
    output.dispose();
  };
  const { first, second, ratio } = await compare(
    ROUNDS,
    time(runTensorFlow, repeats),
    time(runPlan, repeats),
  );
  return {
    rows,
    tensorflowMicroseconds: round(first),
    planMicroseconds: round(second),
    timesFaster: ratio,
  };
}

/** Mean microseconds of one run. */
function time(run: () => void, repeats: number): () => number {
  return () => {
    const started = performance.now();
    for (let i = 0; i < repeats; i++) run();
    return ((performance.now() - started) * 1000) / repeats;
  };
}

function encodedRows(
  spec: ConstructorParameters<typeof Encoder>[0],
  encoding: ConstructorParameters<typeof Encoder>[1],
  rows: number,
): Float32Array {
  const encoder = new Encoder(spec, encoding);
  const reader = new InstanceReader(spec);
  const values = new Float64Array(reader.size);
  const inputs = new Float32Array(rows * encoder.width);
  for (let row = 0; row < rows; row++) {
    reader.read({ ...INSTANCE, carat: 0.2 + (row % 400) / 100 }, row, values, []);
    encoder.encode(values, inputs, row * encoder.width);
  }
  return inputs;
}
