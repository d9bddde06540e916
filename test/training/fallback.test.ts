import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { compose } from '../../src/compose/index.js';
import { logSignals } from '../../src/hosts/log-signals.js';
import { UnsupportedLayerError } from '../../src/ml/plan/errors.js';
import { compilePlan } from '../../src/ml/plan/plan.js';
import { PlanModel } from '../../src/ml/plan-model.js';
import { loadTensorFlowPlan } from '../../src/ml/tensorflow/plan.js';
import type { PlanCompiler } from '../../src/training/parity.js';
import { configOf, testApp, testLog } from '../support/app.js';
import {
  BOXES,
  BOXES_SPEC,
  boxesCsv,
  newTrainingWorld,
  type TrainingWorld,
} from '../support/training.js';

/** A compiler with a fault: its plans answer a little too much. */
const inexact: PlanCompiler = (network) => {
  const plan = compilePlan(network);
  return { ...plan, run: (rows) => plan.run(rows).map((output) => output + 1e-3) };
};
const unable: PlanCompiler = () => {
  throw new UnsupportedLayerError('member0_dense0', 'Dense');
};

let world: TrainingWorld;
afterEach(() => world.remove());

describe('a trained network whose plan cannot serve', () => {
  it.each([
    [
      'answers otherwise than it',
      inexact,
      /over \d+ rows the error of the plan is at most .*, that of TensorFlow.js/,
    ],
    ['does not know a layer', unable, /Layer 'member0_dense0' \(Dense\)/],
  ])('is served by TensorFlow.js, visibly, where the plan %s', async (_what, compile, reason) => {
    world = await newTrainingWorld(600, compile);
    await world.datasets.define('boxes', BOXES);
    await world.append(boxesCsv(200));
    await world.definitions.define(BOXES_SPEC, 'boxes', { follow: false });
    const { job, result } = await world.train();
    const { items } = await world.jobs.log(job.id, { limit: 100 });
    const fallback = expect.stringMatching(reason);

    expect(job.state).toBe('succeeded');
    expect(items.map(({ message }) => message).join('\n')).toMatch(
      new RegExp(`TensorFlow.js serves it instead of the compiled plan: ${reason.source}`),
    );
    const { card } = await world.versions.describe('boxes', result.version);
    expect(card).toMatchObject({ fallback, metrics: { baselines: { linear: {} } } });
    expect(card.parity === undefined).toBe(compile === unable);

    const log = testLog();
    const signals = logSignals(log.logger);
    const parts = await compose(configOf(world.models), { requestsLook: false, signals });
    const { app, lines, registry } = testApp(parts, log);
    await app.ready();
    const { body } = await request(app.server).get('/models/boxes');
    expect(body).toMatchObject({ engine: 'tensorflow', card: { fallback } });
    const instances = [{ side: 2, material: 'oak' }];
    const answer = await request(app.server).post('/models/boxes/predictions').send({ instances });
    expect(answer.status).toBe(200);
    const { version } = await registry.champion('boxes');
    const network = await loadTensorFlowPlan(version.network);
    const [own] = new PlanModel(version.spec, version.encoding, network).predict(instances);
    expect(answer.body.predictions[0].value).toBe(own!.value);
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 40,
        reason: fallback,
        msg: 'TensorFlow.js serves this model, not the compiled plan',
      }),
    );
    await app.close();
  });
});

describe('a baseline that cannot be made', () => {
  it('does not keep the model from being made, and is remarked', async () => {
    world = await newTrainingWorld();
    const target = { name: 'material', classes: ['cork', 'oak'] };
    const side = BOXES_SPEC.features[0]!;
    await world.datasets.define('boxes', { ...BOXES, features: [side], target });
    await world.append(boxesCsv(200));
    const spec = {
      ...BOXES_SPEC,
      task: 'classification' as const,
      features: [side],
      target,
      encoding: [BOXES_SPEC.encoding[0]!],
      hyperparameters: { ...BOXES_SPEC.hyperparameters, loss: 'crossEntropy' as const },
    };
    await world.definitions.define(spec, 'boxes', { follow: false });
    const { train } = world.runner;
    world.runner.train = async (...args) => {
      const members = await train.apply(world.runner, args);
      const isBaseline = args[0].spec.network.hidden.length === 0;
      return isBaseline ? members.map((member) => ({ ...member, bestEpoch: 0 })) : members;
    };
    const { job, result } = await world.train();
    expect(job.state).toBe('succeeded');
    const { card } = await world.versions.describe('boxes', result.version);
    expect(Object.keys(card.metrics!.baselines)).toEqual(['prior']);
    expect(card.remarks).toContainEqual(
      expect.stringMatching(/^The logistic baseline could not be fitted.*not a number/),
    );
  });
});
