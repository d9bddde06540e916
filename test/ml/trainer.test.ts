import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadTensorFlow } from '../../src/ml/backend.js';
import { medianBaseline } from '../../src/ml/baselines.js';
import { Encoder } from '../../src/ml/encoding/encoder.js';
import { fitEncoding } from '../../src/ml/encoding/fit.js';
import { type RegressionMetrics, regressionMetrics } from '../../src/ml/metrics.js';
import { buildNetwork, runNetwork, writeWeights } from '../../src/ml/network.js';
import { seededRandom } from '../../src/ml/random.js';
import type { Hyperparameters, Spec } from '../../src/ml/spec.js';
import { Table } from '../../src/ml/table.js';
import { decodeTarget, encodeTarget } from '../../src/ml/target.js';
import {
  type EpochProgress,
  type TrainedMember,
  type TrainingTask,
  trainMember,
} from '../../src/ml/trainer.js';

const SPEC: Spec = {
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

function boxes(rows: number, seed: number): Table {
  const random = seededRandom(seed);
  const side = Float64Array.from({ length: rows }, () => 1 + 3 * random());
  const material = Float64Array.from({ length: rows }, () => Math.floor(3 * random()));
  const target = side.map((length, i) => length ** 3 * DENSITY[material[i]!]!);
  return new Table(new Map(Object.entries({ side, material })), target);
}

const TRAINING = boxes(500, 1);

function taskOf(changes: Partial<Hyperparameters> = {}, steps = SPEC.encoding): TrainingTask {
  const hyperparameters = { ...SPEC.hyperparameters, ...changes };
  const spec = { ...SPEC, encoding: steps, hyperparameters };
  const encoding = fitEncoding(spec, TRAINING);
  return {
    spec,
    encoding,
    inputs: new Encoder(spec, encoding).encodeTable(TRAINING),
    targets: Float32Array.from(TRAINING.target, (value) => encodeTarget(spec, encoding, value)),
    backend: 'wasm',
  };
}

async function train(task: TrainingTask, member = 0) {
  const events: EpochProgress[] = [];
  const trained = await trainMember(task, member, (progress) => events.push(progress));
  return { trained, events };
}

/** How well a trained member answers rows. */
async function score(task: TrainingTask, member: TrainedMember, rows: Table) {
  const tensorflow = await loadTensorFlow('wasm');
  const encoder = new Encoder(task.spec, task.encoding);
  const network = buildNetwork(tensorflow, task.spec, encoder, [member.member]);
  writeWeights(tensorflow, network, member.weights);
  const outputs = runNetwork(tensorflow, network, encoder, encoder.encodeTable(rows));
  network.dispose();
  const decode = (output: number) => decodeTarget(task.spec, task.encoding, output);
  return regressionMetrics(Array.from(outputs, decode), rows.target);
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
    expect(metrics.mae).toBeLessThan(medianBaseline(TRAINING, boxes(200, 2)).mae / 3);
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

  it('heeds the loss that the spec names', async () => {
    const [absolute, squared] = await Promise.all(
      (['meanAbsoluteError', 'meanSquaredError'] as const).map((loss) =>
        train(taskOf({ loss, epochs: 1 })),
      ),
    );
    expect(squared!.events[0]!.loss).not.toBe(absolute!.events[0]!.loss);
  });
});
