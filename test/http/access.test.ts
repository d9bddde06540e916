import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RouteOptions } from 'fastify';
import pino from 'pino';
import supertest from 'supertest';
import { documentationRoutes } from '../../src/http/docs/routes.js';
import { createFastify } from '../../src/http/fastify.js';
import { knownScopesOf } from '../../src/http/guard/scopes.js';
import { mountRoutes } from '../../src/http/routes.js';
import { DIAMOND } from '../support/app.js';
import { guardedApp } from '../support/keys.js';

const PREDICT = '/models/diamonds/predictions';
const { app, access, dependencies, issue, key, lines, remove } = await guardedApp({
  ACCESS_CACHE_S: '0',
});
beforeAll(async () => {
  await app.ready();
});
afterAll(remove);

const predict = (headers: Record<string, string>) =>
  supertest(app.server)
    .post(PREDICT)
    .set(headers)
    .send({ instances: [DIAMOND] });
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

describe('a key', () => {
  it.each([
    ['Authorization: Bearer', bearer(key)],
    ['its scheme in any case', { authorization: `bearer  ${key}` }],
    ['X-API-Key', { 'x-api-key': key }],
  ])('lets in with %s', async (_what, headers) => {
    await predict(headers).expect(200);
  });

  it('lets in who then sends no body at all, and is told so', async () => {
    const answer = await app.inject({ method: 'POST', url: PREDICT, headers: bearer(key) });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request']);
  });

  it.each<[string, () => Promise<Record<string, string>>, RegExp]>([
    ['none', async () => ({}), /API key missing/],
    ['an empty one', async () => bearer(''), /API key missing/],
    ['another scheme', async () => ({ authorization: `Basic ${key}` }), /API key missing/],
    ['no key at all', async () => bearer('secret'), /unknown API key/],
    [
      'a typo',
      async () => bearer(`${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`),
      /unknown API key/,
    ],
    [
      'the id of one and the secret of another',
      async () => {
        const other = await issue('predict');
        return bearer(`${key.slice(0, 20)}${other.slice(20)}`);
      },
      /unknown API key/,
    ],
    [
      'one that was revoked',
      async () => {
        const { id, key: text } = await access.keys.createKey('acme', ['predict']);
        await predict(bearer(text)).expect(200);
        await access.keys.revokeKey(id);
        return bearer(text);
      },
      /revoked/,
    ],
    [
      'one that has expired',
      async () => {
        const { id, key: text } = await access.keys.createKey('acme', ['predict']);
        await access.keys.rotateKey(id, 0);
        return bearer(text);
      },
      /expired/,
    ],
  ])('that is %s lets nobody in', async (_what, headers, detail) => {
    const answer = await predict(await headers());
    expect([
      answer.status,
      answer.type,
      answer.body.code,
      answer.headers['www-authenticate'],
    ]).toEqual([401, 'application/problem+json', 'unauthenticated', 'Bearer realm="lapidary"']);
    expect(answer.body.detail).toMatch(detail);
  });

  it('of another scope lets nobody in, and says which it needs', async () => {
    const answer = await predict(bearer(await issue('data', 'train', 'admin')));
    expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    expect(answer.headers['www-authenticate']).toContain('scope="predict"');
    expect(answer.body.detail).toBe(
      'the operation needs the scope predict; the key has data, train, admin',
    );
  });

  it('predicts a dataset only where it may read it', async () => {
    const predictDataset = async (text: string) =>
      supertest(app.server)
        .post('/models/diamonds/batch-predictions')
        .set(bearer(text))
        .send({ dataset: 'none' });
    const refused = await predictDataset(await issue('predict'));
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    expect(refused.headers['www-authenticate']).toContain('scope="data"');
    const found = await predictDataset(await issue('predict', 'data'));
    expect([found.status, found.body.code]).toEqual([404, 'dataset_not_found']);
  });

  it('is never logged', async () => {
    await predict(bearer(key)).expect(200);
    await predict({ 'x-api-key': `${key}x` }).expect(401);
    expect(JSON.stringify(lines)).not.toContain(key.slice(21, 60));
  });
});

describe('every route', () => {
  it('has its scope in the table', async () => {
    const bare = createFastify(pino({ level: 'silent' }), 1);
    const routes: RouteOptions[] = [];
    bare.addHook('onRoute', (route) => void routes.push(route));
    mountRoutes(bare, dependencies);
    documentationRoutes(bare, dependencies);
    await bare.ready();
    expect(routes.length).toBeGreaterThan(40);
    const forgotten = routes.filter((route) => knownScopesOf(route) === undefined);
    expect(forgotten.map(({ method, url }) => `${method} ${url}`)).toEqual([]);
    await bare.close();
  });

  it('but health and the documentation asks for a key', async () => {
    const document = (await supertest(app.server).get('/openapi.json').expect(200)).body;
    const open: string[] = [];
    for (const [path, methods] of Object.entries<Record<string, unknown>>(document.paths)) {
      for (const method of Object.keys(methods)) {
        const url = path.replaceAll(/[{}]/g, '');
        const { statusCode } = await app.inject({ method: method.toUpperCase() as 'GET', url });
        if (statusCode !== 401) open.push(`${method} ${path}`);
      }
    }
    expect(open).toEqual(['get /health/live', 'get /health/ready']);
    await supertest(app.server).get('/docs').expect(200);
    await supertest(app.server).head('/models').expect(401);
    await supertest(app.server).get('/nothing').expect(404);
  });

  it('is documented with the scope it needs and how it refuses', async () => {
    const { body } = await supertest(app.server).get('/openapi.json').expect(200);
    const { post } = body.paths[PREDICT];
    expect(post.security).toEqual([{ bearer: [] }, { apiKey: [] }]);
    expect(body.components.securitySchemes).toHaveProperty('bearer');
    expect(Object.keys(post.responses)).toEqual(
      expect.arrayContaining(['200', '401', '402', '403', '422', '429', '503']),
    );
    expect(body.paths['/keys'].post.description).toBe('Needs a key of the scope admin.');
    expect(body.paths['/health/live'].get.security).toBeUndefined();
  });
});
