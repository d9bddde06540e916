import { beforeAll, describe, expect, it } from '@jest/globals';
import { Encoder } from '../../../src/ml/encoding/encoder.js';
import { createScore } from '../../../src/ml/metrics/metrics.js';
import type { RegressionMetrics } from '../../../src/ml/metrics/regression.js';
import { buildNetwork, runNetwork } from '../../../src/ml/network.js';
import { seededRandom } from '../../../src/ml/random.js';
import type { RowBlock } from '../../../src/ml/rows.js';
import type { Hyperparameters, TrainableSpec } from '../../../src/ml/spec.js';
import { decodeTarget, encodeTarget } from '../../../src/ml/target.js';
import { loadTensorFlow } from '../../../src/ml/tensorflow/backend.js';
import { PooledRows } from '../../../src/ml/trainer/pooled-rows.js';
import {
  type EpochProgress,
  type TrainedMember,
  type TrainingTask,
  trainMember,
} from '../../../src/ml/trainer/trainer.js';
import { writeWeights } from '../../../src/ml/weights.js';
import { fitEncoding } from '../encoding/shapes.js';

const SPEC: TrainableSpec = {
  name: 'boxes',
  title: 'Boxes',
  description: 'What a box weighs.',
  task: 'regression',
  features: [
    { name: 'side', kind: 'number' },
    { name: 'material', kind: 'category', categories: ['cork', 'oak', 'lead'] },
  ],
  target: { name: 'weight', transform: 'log' },
  encoding: [
    { encode: 'standard', feature: 'side' },
    { encode: 'oneHot', feature: 'material' },
  ],
  network: { hidden: [8], activation: 'swish', members: 2 },
  hyperparameters: {
    epochs: 12,
    batchSize: 32,
    learningRate: 0.03,
    warmup: 0.05,
    beta2: 0.95,
    averaging: 0.9,
    validation: 0.2,
    patience: 12,
    loss: 'meanAbsoluteError',
    seed: 7,
  },
};
const DENSITY = [0.2, 0.7, 11];

function boxes(count: number, seed: number): RowBlock {
  const random = seededRandom(seed);
  const rows = Array.from({ length: count }, () => [1 + 3 * random(), Math.floor(3 * random())]);
  return {
    count,
    values: Float64Array.from(rows.flat()),
    targets: Float64Array.from(rows, ([side, material]) => side! ** 3 * DENSITY[material!]!),
  };
}

const TRAINING = boxes(500, 1);

function taskOf(changes: Partial<Hyperparameters> = {}, steps = SPEC.encoding): TrainingTask {
  const hyperparameters = { ...SPEC.hyperparameters, ...changes };
  const spec = { ...SPEC, encoding: steps, hyperparameters };
  return { spec, encoding: fitEncoding(spec, TRAINING), backend: 'wasm' };
}

/** The encoded training rows. @param poolRows holds only so many at a time, all when left out */
function rowsOf({ spec, encoding }: TrainingTask, poolRows?: number): PooledRows {
  const encoder = new Encoder(spec, encoding);
  const record = encoder.width + 1;
  const all = new Float32Array(TRAINING.count * record);
  const inputs = encoder.encodeRows(TRAINING);
  TRAINING.targets.forEach((target, row) => {
    all.set(inputs.subarray(row * encoder.width, (row + 1) * encoder.width), row * record);
    all[row * record + encoder.width] =
      spec.task === 'regression' ? encodeTarget(spec, encoding, target) : target;
  });
  const read = (first: number, count: number) =>
    all.subarray(first * record, (first + count) * record);
  const store = { width: encoder.width, count: TRAINING.count, read };
  return new PooledRows(poolRows === undefined ? { ...store, all } : store, poolRows ?? 0);
}

async function train(task: TrainingTask, member = 0, poolRows?: number) {
  const events: EpochProgress[] = [];
  const trained = await trainMember(task, rowsOf(task, poolRows), member, (progress) =>
    events.push(progress),
  );
  return { trained, events };
}

/** How well a trained member answers rows. */
async function score(task: TrainingTask, member: TrainedMember, rows: RowBlock) {
  const tensorflow = await loadTensorFlow('wasm');
  const encoder = new Encoder(task.spec, task.encoding);
  const network = buildNetwork(tensorflow, task.spec, encoder, [member.member]);
  writeWeights(tensorflow, network, member.weights);
  const outputs = runNetwork(tensorflow, network, encoder, encoder.encodeRows(rows));
  network.dispose();
  const decode = (output: number) => decodeTarget(task.spec, task.encoding, output);
  const score = createScore(task.spec);
  score.add(Float64Array.from(outputs, decode), rows.targets);
  return score.metrics() as RegressionMetrics;
}

const bits = ({ weights }: TrainedMember) =>
  weights.map(({ name, values }) => [
    name,
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex'),
  ]);

describe('a trained member', () => {
  const task = taskOf();
  let first: Awaited<ReturnType<typeof train>>;
  let metrics: RegressionMetrics;

  beforeAll(async () => {
    first = await train(task);
    metrics = await score(task, first.trained, boxes(200, 2));
  });

  it('answers rows it has not seen far better than their median would', () => {
    const { targets } = boxes(200, 2);
    const middle = TRAINING.targets.toSorted()[250]!;
    const mae = targets.reduce((sum, target) => sum + Math.abs(target - middle), 0) / 200;
    expect(metrics.mae).toBeLessThan(mae / 3);
    expect(metrics.r2).toBeGreaterThan(0.8);
  });

  it('says what computed it', () => {
    expect(first.trained).toMatchObject({
      backend: 'wasm',
      tensorflow: expect.stringMatching(/^4\./),
    });
  });

  it('is the same to the bit from the same seed', async () => {
    const again = await train(taskOf());
    expect(bits(again.trained)).toEqual(bits(first.trained));
    expect(again.events).toEqual(first.events);
  });

  it.each([
    ['another seed', () => train(taskOf({ seed: 8 }))],
    ['another member', () => train(task, 1)],
  ])('is another from %s', async (_what, other) => {
    const { trained } = await other();
    const values = ({ weights }: TrainedMember) => weights.map((weight) => [...weight.values]);
    expect(values(trained)).not.toEqual(values(first.trained));
  });

  it('tells of every epoch, in order, how it goes', () => {
    expect(first.events.map(({ epoch }) => epoch)).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
    for (const event of first.events) {
      expect(event).toMatchObject({ member: 0, epochs: 12 });
      expect([event.loss, event.validation].every(Number.isFinite)).toBe(true);
    }
    expect(first.events.at(-1)!.loss).toBeLessThan(first.events[0]!.loss / 3);
  });

  it('has the weights of its best epoch', () => {
    const errors = first.events.map(({ validation }) => validation);
    const { bestEpoch, validation } = first.trained;
    expect(validation).toBe(Math.min(...errors));
    expect(bestEpoch).toBe(errors.indexOf(validation) + 1);
  });
});

describe('training', () => {
  it('stops once so many epochs have brought nothing', async () => {
    // Too large a step to settle: it soon gets worse instead of better.
    const { trained, events } = await train(
      taskOf({ epochs: 300, patience: 3, learningRate: 0.3 }),
    );
    expect(trained.epochs).toBeLessThan(300);
    expect(trained.epochs).toBe(trained.bestEpoch + 3);
    expect(events).toHaveLength(trained.epochs);
  });

  it('takes a batch that is larger than the data as all of it', async () => {
    const { events } = await train(taskOf({ batchSize: 100_000, epochs: 2 }));
    expect(events).toHaveLength(2);
    expect(events[1]!.loss).toBeLessThan(events[0]!.loss);
  });

  it('learns embedded categories too', async () => {
    const task = taskOf({}, [
      { encode: 'standard', feature: 'side' },
      { encode: 'embedding', feature: 'material', size: 2 },
    ]);
    const { trained, events } = await train(task);
    expect(trained.validation).toBeLessThan(events[0]!.validation / 2);
  });

  it('learns as well from rows that are not all in memory', async () => {
    const { trained, events } = await train(taskOf(), 0, 100);
    expect(trained.validation).toBeLessThan(events[0]!.validation / 3);
  });

  it('goes on with dropout and weight decay, the same each time', async () => {
    const task = taskOf({ weightDecay: 0.01 });
    task.spec.network = { ...task.spec.network, dropout: 0.2, hidden: [8, 8] };
    const [once, again] = [await train(task), await train(task)];
    expect(once.trained.validation).toBeLessThan(once.events[0]!.validation / 2);
    expect(bits(again.trained)).toEqual(bits(once.trained));
  });

  it('learns classes, and gives calibrated probabilities', async () => {
    const task = taskOf();
    task.spec = {
      ...task.spec,
      task: 'classification',
      target: { name: 'heavy', classes: ['light', 'heavy'], above: 5 },
      hyperparameters: { ...task.spec.hyperparameters, loss: 'crossEntropy' },
    };
    task.encoding = { ...task.encoding, target: { mean: 0, deviation: 1 } };
    const targets = TRAINING.targets;
    TRAINING.targets = targets.map((weight) => Number(weight > 5));
    const { trained } = await train(task).finally(() => {
      TRAINING.targets = targets;
    });
    expect(trained.validation).toBeLessThan(0.3);
    expect(trained.calibration.scale).toBeGreaterThan(0);
    expect(trained.calibration).not.toEqual({ scale: 1, bias: 0 });
  });

  it('heeds the loss that the spec names', async () => {
    const [absolute, squared] = await Promise.all(
      (['meanAbsoluteError', 'meanSquaredError'] as const).map((loss) =>
        train(taskOf({ loss, epochs: 1 })),
      ),
    );
    expect(squared!.events[0]!.loss).not.toBe(absolute!.events[0]!.loss);
  });
});
