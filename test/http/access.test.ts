import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { DIAMOND, testApp } from '../support/app.js';
import { guardedApp } from '../support/keys.js';
import { policiesOf, printPolicies } from '../support/policies.js';

const PREDICT = '/models/diamonds/predictions';
const { app, access, dependencies, issue, key, lines, remove } = await guardedApp({
  ACCESS_CACHE_S: '0',
});
beforeAll(async () => {
  await app.ready();
});
afterAll(remove);

const POLICIES = `
GET / open
GET /clients admin
POST /clients admin
PATCH /clients/:client admin
GET /datasets data
DELETE /datasets/:dataset data
GET /datasets/:dataset data
POST /datasets/:dataset data meters=storedBytes streams=in
PUT /datasets/:dataset data
GET /datasets/:dataset/batches/:batch data
GET /datasets/:dataset/batches/:batch/content data streams=out
GET /datasets/:dataset/batches/:batch/quarantine data streams=out
POST /datasets/:dataset/uploads data
DELETE /datasets/:dataset/uploads/:upload data
GET /datasets/:dataset/uploads/:upload data
POST /datasets/:dataset/uploads/:upload/complete data meters=storedBytes untimed
PUT /datasets/:dataset/uploads/:upload/parts/:part data streams=in
GET /docs open
GET /docs/* open
GET /health/live open healthCheck
GET /health/ready open healthCheck
POST /invocations predict meters=predictions untimed readOnly
GET /jobs predict|train
GET /jobs/:job predict|train
POST /jobs/:job/cancel predict|train
GET /jobs/:job/log predict|train
GET /keys admin
POST /keys admin
DELETE /keys/:key admin
POST /keys/:key/rotate admin
GET /models predict
DELETE /models/:model train
GET /models/:model predict
PUT /models/:model train meters=trainingJob untimed
GET /models/:model/aliases predict
DELETE /models/:model/aliases/:alias train|admin
PUT /models/:model/aliases/:alias train|admin
POST /models/:model/aliases/:alias/rollback train|admin
POST /models/:model/batch-predictions predict accessToBody meters=predictionJob streams=in
GET /models/:model/batch-predictions/:job/rejects predict streams=out
GET /models/:model/batch-predictions/:job/result predict streams=out
POST /models/:model/predictions predict meters=predictions untimed readOnly
GET /models/:model/versions predict
GET /models/:model/versions/:a/compare/:b predict
DELETE /models/:model/versions/:version train|admin
GET /models/:model/versions/:version predict
GET /openapi.json open
GET /ping open healthCheck
GET /plans admin
PUT /plans/:plan admin
GET /usage admin`.trimStart();

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

  it('admits a caller that then sends no body, and reports that', async () => {
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
  ])('that is %s is refused', async (_what, headers, detail) => {
    const answer = await predict(await headers());
    expect([
      answer.status,
      answer.type,
      answer.body.code,
      answer.headers['www-authenticate'],
    ]).toEqual([401, 'application/problem+json', 'unauthenticated', 'Bearer realm="lapidary"']);
    expect(answer.body.detail).toMatch(detail);
  });

  it('of another scope is refused, with the needed scope', async () => {
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
  it('has its policy: a change here is a change of security', async () => {
    expect(printPolicies(await policiesOf(dependencies))).toBe(POLICIES);
  });

  it('without a policy keeps the API from starting', async () => {
    const mount = (options: object) => () =>
      testApp().app.get('/odd', options as never, async () => ({}));
    expect(mount({})).toThrow('the route GET /odd has no policy');
    expect(mount({ schema: { operationId: 'beOdd' } })).toThrow('the route beOdd has no policy');
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
