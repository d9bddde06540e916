import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { testApp } from '../support/app.js';
import {
  BOXES,
  BOXES_SPEC,
  boxesCsv,
  newTrainingWorld,
  type TrainingWorld,
} from '../support/training.js';

let world: TrainingWorld;
let app: ReturnType<typeof testApp>['app'];
let api: ReturnType<typeof supertest>;
beforeAll(async () => {
  world = await newTrainingWorld();
  const { registry, versions } = world;
  ({ app } = testApp({
    registry,
    versions,
    datasets: async () => world,
    fitting: async () => world.fits,
  }));
  await app.ready();
  api = supertest(app.server);
  await world.datasets.define('boxes', BOXES);
  await world.datasets.define('empty', BOXES);
  await world.append(boxesCsv(200));
});
afterAll(async () => {
  await app.close();
  await world.remove();
});
beforeEach(async () => {
  await api.delete('/models/boxes');
});

const SHORT = { epochs: 4, batchSize: 16 };
const problem = (status: number, code: string, ...fields: string[]) => ({
  status,
  type: 'application/problem+json',
  body: {
    status,
    code,
    ...(fields.length > 0 && { errors: fields.map((field) => expect.objectContaining({ field })) }),
  },
});

describe('PUT /models/{model}', () => {
  it('answers with the job that trains it, and the model is there when that is done', async () => {
    const body = { dataset: 'boxes', hyperparameters: SHORT };
    const answer = await api.put('/models/boxes').send(body);
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      kind: 'training',
      model: 'boxes',
      order: { reason: 'fit' },
      state: 'queued',
    });
    expect(answer.headers.location).toBe(`/jobs/${answer.body.id}`);
    expect(await api.get('/models/boxes')).toMatchObject(problem(404, 'model_not_found'));
    await world.drain();
    const { body: model } = await api.get('/models/boxes').set('cache-control', 'no-cache');
    expect(model).toMatchObject({ name: 'boxes', card: { lineage: { data: { rows: 200 } } } });
    expect(model.features).toEqual(BOXES.features);
    expect((await world.definitions.readDefinition('boxes')).follow).toBe(true);
  });

  it('takes parts of a spec, a whole one, a search and a gate', async () => {
    const { name: _, ...whole } = BOXES_SPEC;
    const network = { hidden: [5], members: 1 };
    const part = { dataset: 'boxes', spec: { network }, hyperparameters: SHORT };
    await api.put('/models/boxes').send({ ...part, follow: false, gate: { tolerance: 0.2 } });
    expect(await world.definitions.readDefinition('boxes')).toMatchObject({
      spec: { network: { hidden: [5], members: 1, activation: 'swish' }, hyperparameters: SHORT },
      dataset: 'boxes',
      follow: false,
      gate: { tolerance: 0.2 },
    });
    const again = { dataset: 'boxes', spec: whole, search: { trials: 3 } };
    const { body } = await api.put('/models/boxes').send(again).expect(202);
    expect(body.order).toEqual({ reason: 'fit', search: { trials: 3 } });
    const { spec, gate } = await world.definitions.readDefinition('boxes');
    expect([spec, gate]).toEqual([BOXES_SPEC, undefined]);
  });

  it('predicts another column when asked to', async () => {
    const body = { dataset: 'boxes', target: 'material', hyperparameters: SHORT };
    await api.put('/models/boxes').send(body).expect(202);
    expect((await world.definitions.readDefinition('boxes')).spec).toMatchObject({
      task: 'classification',
      target: { name: 'material', classes: ['cork', 'oak'] },
      features: [BOXES.features[0], { name: 'weight', kind: 'number' }],
      hyperparameters: { loss: 'crossEntropy' },
    });
  });

  it.each([
    ['no dataset', {}, 400, 'invalid_request', []],
    ['an unknown field', { dataset: 'boxes', epochs: 3 }, 400, 'invalid_request', []],
    ['one trial', { dataset: 'boxes', search: { trials: 1 } }, 400, 'invalid_request', []],
    ['a dataset that is not there', { dataset: 'nuts' }, 404, 'dataset_not_found', ['/dataset']],
    ['one without rows', { dataset: 'empty' }, 422, 'invalid_dataset', ['/dataset']],
    ['no such target', { dataset: 'boxes', target: 'x' }, 422, 'invalid_spec', ['/target']],
    [
      'a hyperparameter out of range',
      { dataset: 'boxes', hyperparameters: { epochs: 0 } },
      422,
      'invalid_spec',
      ['/hyperparameters/epochs'],
    ],
    [
      'one that there is not',
      { dataset: 'boxes', hyperparameters: { speed: 1 } },
      422,
      'invalid_spec',
      ['/hyperparameters/speed'],
    ],
    [
      'a network that is none',
      { dataset: 'boxes', spec: { network: { hidden: 'wide' } } },
      422,
      'invalid_spec',
      ['/spec/network/hidden'],
    ],
    [
      'a network that is text',
      { dataset: 'boxes', spec: { network: 'x' } },
      422,
      'invalid_spec',
      ['/spec/network'],
    ],
    [
      'a feature that is no column',
      { dataset: 'boxes', spec: { features: [{ name: 'age', kind: 'number' }] } },
      422,
      'invalid_spec',
      ['/spec/features/0'],
    ],
    [
      'features that are none',
      { dataset: 'boxes', spec: { features: 3 } },
      422,
      'invalid_spec',
      ['/spec/features'],
    ],
    [
      'a step for no feature',
      { dataset: 'boxes', spec: { encoding: [{ encode: 'standard', feature: 'age' }] } },
      422,
      'invalid_spec',
      ['/spec/encoding/0'],
    ],
    [
      'another name',
      { dataset: 'boxes', spec: { name: 'nuts' } },
      422,
      'invalid_spec',
      ['/spec/name'],
    ],
  ])('with %s is refused, and nothing is kept', async (_what, body, status, code, fields) => {
    const answer = await api.put('/models/boxes').send(body);
    expect(answer).toMatchObject(problem(status, code, ...fields));
    expect(await world.definitions.has('boxes')).toBe(false);
    const open = await world.jobs.listOpen();
    expect(open.filter(({ state }) => state === 'queued')).toEqual([]);
  });

  it('refuses names that are none, and pages of other sites', async () => {
    for (const name of ['Boxes', '..%2fboxes', 'a'.repeat(64)]) {
      const answer = await api.put(`/models/${name}`).send({ dataset: 'boxes' });
      expect(answer).toMatchObject(problem(422, 'invalid_spec'));
    }
    const foreign = await api
      .put('/models/boxes')
      .set('origin', 'https://example.com')
      .send({ dataset: 'boxes' });
    expect(foreign).toMatchObject(problem(403, 'cross_origin'));
  });

  it('is not there where nothing can be fitted', async () => {
    const bare = testApp();
    await bare.app.ready();
    const answer = await supertest(bare.app.server).put('/models/boxes').send({ dataset: 'boxes' });
    expect([answer.status, answer.body.code]).toEqual([405, 'method_not_allowed']);
    await bare.app.close();
  });
});

describe('DELETE /models/{model}', () => {
  it('removes definition, versions and aliases, and stops its jobs', async () => {
    const body = { dataset: 'boxes', hyperparameters: SHORT };
    await api.put('/models/boxes').send(body).expect(202);
    await world.drain();
    await api.get('/models/boxes').set('cache-control', 'no-cache').expect(200);
    const { body: job } = await api.put('/models/boxes').send(body).expect(202);
    await api.delete('/models/boxes').expect(204);
    expect(await api.get('/models/boxes')).toMatchObject(problem(404, 'model_not_found'));
    expect(await api.get('/models/boxes/versions')).toMatchObject(problem(404, 'model_not_found'));
    expect((await api.get('/models')).body).toEqual({ items: [] });
    expect((await world.jobs.get(job.id)).state).toBe('cancelled');
    expect(await api.delete('/models/boxes')).toMatchObject(problem(404, 'model_not_found'));
    await api.get('/datasets/boxes').expect(200);

    await api.put('/models/boxes').send(body).expect(202);
    await world.drain();
    await api.get('/models/boxes').expect(200);
    const rolled = await api.post('/models/boxes/aliases/champion/rollback').send({});
    expect(rolled).toMatchObject(problem(409, 'no_previous_version'));
  });

  it('leaves alone what people keep in files', async () => {
    await world.definitions.write({ ...BOXES_SPEC, name: 'crates' }, 'crates.csv');
    expect(await api.delete('/models/crates')).toMatchObject(problem(409, 'model_protected'));
    expect(await world.definitions.has('crates')).toBe(true);
  });
});
