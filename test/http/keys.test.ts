import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { guardedApp } from '../support/keys.js';

const { app, issue, key, lines, remove } = await guardedApp({ ACCESS_CACHE_S: '0' });
const auth = { authorization: `Bearer ${key}` };
const api = supertest.agent(app.server).set(auth);
beforeAll(async () => {
  await app.ready();
});
afterAll(remove);

const TERMS = {
  requestsPerSecond: 10,
  burst: 20,
  predictionsPerMonth: 1000,
  maxInstances: 10,
  maxDatasetBytes: null,
  trainingMinutesPerMonth: 0,
  currency: 'CHF',
  pricePerThousandPredictions: '250000',
  pricePerTrainingMinute: '1',
};

describe('admins', () => {
  it('add clients, change them and list them', async () => {
    const { body } = await api.post('/clients').send({ id: 'nuts' }).expect(201);
    expect(body).toEqual({ id: 'nuts', name: 'nuts', plan: 'free' });
    const changed = await api.patch('/clients/nuts').send({ plan: 'standard' }).expect(200);
    expect(changed.body).toEqual({ ...body, plan: 'standard' });
    const list = await api.get('/clients?limit=1').expect(200);
    expect([list.body.items[0].id, list.body.next]).toEqual(['acme', 'acme']);
    const rest = await api.get('/clients?limit=1&cursor=acme').expect(200);
    expect(rest.body).toEqual({ items: [changed.body] });
  });

  it('issue a key, which is shown once, rotate it and revoke it', async () => {
    const order = { client: 'acme', scopes: ['predict'], expiresAt: '2099-01-01T00:00:00Z' };
    const made = await api.post('/keys').send(order).expect(201);
    expect(made.headers['cache-control']).toBe('no-store');
    const { key: text, ...shown } = made.body;
    expect(text).toMatch(new RegExp(`^${shown.prefix}_`));
    const use = (bearer: string) =>
      supertest(app.server)
        .get('/models')
        .set({ authorization: `Bearer ${bearer}` });
    await use(text).expect(200);
    const rotated = await api
      .post(`/keys/${shown.id}/rotate`)
      .send({ graceSeconds: 60 })
      .expect(201);
    await use(text).expect(200);
    await use(rotated.body.key).expect(200);
    const revoked = await api.delete(`/keys/${shown.id}`).expect(200);
    expect(revoked.body).toMatchObject({ id: shown.id, revokedAt: expect.any(String) });
    await use(text).expect(401);
    const { body, text: json } = await api.get('/keys?client=acme').expect(200);
    expect(body.items).toContainEqual(expect.objectContaining({ id: rotated.body.id }));
    expect(json).not.toMatch(/hash|"key"/);
    expect(JSON.stringify(lines)).not.toContain(text.slice(21));
  });

  it('make plans of their own', async () => {
    await api
      .put('/plans/tiny')
      .send(TERMS)
      .expect(200, { name: 'tiny', ...TERMS });
    const { body } = await api.get('/plans').expect(200);
    expect(body.items.map(({ name }: { name: string }) => name)).toEqual([
      'free',
      'standard',
      'unlimited',
      'tiny',
    ]);
  });

  it.each([
    ['no scope', 'post', '/keys', { client: 'acme', scopes: [] }, 400, 'invalid_request'],
    [
      'another scope',
      'post',
      '/keys',
      { client: 'acme', scopes: ['root'] },
      400,
      'invalid_request',
    ],
    ['no client', 'post', '/keys', { client: 'x', scopes: ['data'] }, 404, 'client_not_found'],
    ['an id that is none', 'post', '/clients', { id: '../x' }, 400, 'invalid_request'],
    ['no such plan', 'post', '/clients', { id: 'x', plan: 'y' }, 404, 'plan_not_found'],
    ['the id of another', 'post', '/clients', { id: 'acme' }, 409, 'client_exists'],
    ['no change', 'patch', '/clients/acme', {}, 400, 'invalid_request'],
    ['no such key', 'delete', '/keys/nokey', undefined, 404, 'key_not_found'],
    ['no such key', 'post', '/keys/nokey/rotate', undefined, 404, 'key_not_found'],
    ['a name that is none', 'put', '/plans/Own%0A', TERMS, 400, 'invalid_request'],
    ['a built-in plan', 'put', '/plans/free', TERMS, 409, 'plan_built_in'],
    [
      'a price in fractions',
      'put',
      '/plans/x',
      { ...TERMS, pricePerTrainingMinute: '0.5' },
      400,
      'invalid_request',
    ],
  ] as const)('are refused %s', async (_what, method, path, body, status, code) => {
    const answer = await api[method](path).send(body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('need the scope admin, and are no page of another site', async () => {
    const other = { authorization: `Bearer ${await issue('predict', 'data', 'train')}` };
    await supertest(app.server).get('/keys').set(other).expect(403);
    const foreign = await api.delete('/keys/nokey').set({ origin: 'https://evil.example' });
    expect([foreign.status, foreign.body.code]).toEqual([403, 'cross_origin']);
  });
});
