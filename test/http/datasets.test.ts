import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { testApp } from '../support/app.js';
import { datasetsApp, FLATS } from '../support/datasets.js';

const { app, remove } = datasetsApp();
const api = supertest(app.server);
beforeAll(async () => {
  await app.ready();
});
afterAll(async () => {
  await app.close();
  remove();
});
const problem = (status: number, code: string, detail: RegExp | string = '') => ({
  status,
  type: 'application/problem+json',
  body: { status, code, detail: expect.stringMatching(detail) },
});

beforeEach(async () => {
  await api.delete('/datasets/gems');
  await api.put('/datasets/flats').send(FLATS);
});

describe('a dataset', () => {
  it('is created, replaced, described, listed and removed', async () => {
    const created = await api.put('/datasets/gems').send(FLATS);
    expect([created.status, created.headers.location]).toEqual([201, '/datasets/gems']);
    expect(created.body).toEqual({ name: 'gems', ...FLATS });
    await api
      .put('/datasets/gems')
      .send({ ...FLATS, maximumBadShare: 1 })
      .expect(200);
    const totals = { batches: 0, rows: 0, quarantined: 0, bytes: 0 };
    const { body } = await api.get('/datasets/gems').expect(200);
    expect(body).toEqual({ name: 'gems', ...FLATS, maximumBadShare: 1, totals, items: [] });
    const list = await api.get('/datasets?limit=1').expect(200);
    expect(list.body).toEqual({ items: [{ name: 'flats', totals }], next: 'flats' });
    const rest = await api.get('/datasets?limit=1&cursor=flats').expect(200);
    expect(rest.body).toEqual({ items: [{ name: 'gems', totals }] });
    await api.delete('/datasets/gems').expect(204);
    expect(await api.get('/datasets/gems')).toMatchObject(problem(404, 'dataset_not_found'));
    expect(await api.delete('/datasets/gems')).toMatchObject(problem(404, 'dataset_not_found'));
  });

  it.each([
    ['no features', { target: FLATS.target }, /\/: .*features/],
    ['an empty list of features', { ...FLATS, features: [] }, /\/features: /],
    ['an unknown field', { ...FLATS, model: 'x' }, /\/model: unknown field/],
    [
      'a feature of no kind',
      { ...FLATS, features: [{ name: 'a', kind: 'colour' }] },
      /\/features\/0\/kind: must be one of number, category/,
    ],
    [
      'a category without categories',
      { ...FLATS, features: [{ name: 'a', kind: 'category' }] },
      /\/features\/0: .*categories/,
    ],
    [
      'an image',
      { ...FLATS, features: [{ name: 'a', kind: 'image', width: 2, height: 2 }] },
      /\/features\/0: a dataset cannot have images/,
    ],
    ['a feature twice', { ...FLATS, features: [FLATS.features[0], FLATS.features[0]] }, /twice/],
    ['a target that is a feature', { ...FLATS, target: { name: 'area' } }, /\/target: /],
    ['a share above 1', { ...FLATS, maximumBadShare: 2 }, /\/maximumBadShare: /],
    [
      'a charset that is unknown',
      { ...FLATS, csv: { charset: 'klingon' } },
      /\/csv\/charset: .*klingon/,
    ],
    ['a list', [], /must be object/],
  ])('with %s is refused', async (_what, body, detail) => {
    const answer = await api.put('/datasets/gems').send(body as object);
    expect(answer).toMatchObject(problem(422, 'invalid_schema', detail));
    expect(answer.body.errors.length).toBeGreaterThan(0);
    await api.get('/datasets/gems').expect(404);
  });

  it.each(['Flats', '3flats', 'my_flats', '..%2fflats', 'a'.repeat(64)])(
    'cannot be called %s',
    async (name) => {
      expect(await api.put(`/datasets/${name}`).send(FLATS)).toMatchObject(
        problem(422, 'invalid_schema', 'is not a valid name'),
      );
      expect(await api.get(`/datasets/${name}`)).toMatchObject(problem(404, 'dataset_not_found'));
    },
  );

  it.each(['limit=0', 'limit=1001', 'limit=ten', 'page=2'])('is not paged by %s', async (query) => {
    for (const path of ['/datasets', '/datasets/flats'])
      expect(await api.get(`${path}?${query}`)).toMatchObject(problem(400, 'invalid_request'));
  });

  it('has no batches behind a cursor that is none', async () => {
    const answer = await api.get('/datasets/flats?cursor=abc');
    expect(answer).toMatchObject(problem(400, 'invalid_request', 'cursor'));
  });
});

describe('without datasets', () => {
  it('there are no such routes', async () => {
    const bare = testApp();
    await bare.app.ready();
    const answer = await supertest(bare.app.server).get('/datasets');
    expect(answer).toMatchObject(problem(404, 'route_not_found'));
    await bare.app.close();
  });

  it('a CSV file is no body for predictions', async () => {
    const answer = await api.post('/models/diamonds/predictions').type('text/csv').send('a\n1\n');
    expect(answer).toMatchObject(problem(415, 'unsupported_media_type', 'application/json'));
  });
});
