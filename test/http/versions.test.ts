import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { compose } from '../../src/compose/index.js';
import { packVersion } from '../../src/registry/version.js';
import { configOf, DIAMOND, testApp } from '../support/app.js';
import { newModels, retrained, SHIPPED_ID } from '../support/versions.js';

const [SECOND, THIRD] = [packVersion(retrained(1)), packVersion(retrained(2))];
const UNKNOWN = 'ffffffffffffffff';

let models: ReturnType<typeof newModels>;
let app: ReturnType<typeof testApp>['app'];
beforeEach(async () => {
  models = newModels();
  for (const { id, files } of [SECOND, THIRD]) await models.store.publish('diamonds', id, files);
  app = testApp(await compose(configOf(models.directory))).app;
  await app.ready();
});
afterEach(async () => {
  await app.close();
  models.remove();
});

const get = (path: string) => supertest(app.server).get(`/models/diamonds${path}`);
const put = (alias: string, body: object) =>
  supertest(app.server).put(`/models/diamonds/aliases/${alias}`).send(body);
const rollBack = (body?: object) =>
  supertest(app.server).post('/models/diamonds/aliases/champion/rollback').send(body);
const remove = (id: string) => supertest(app.server).delete(`/models/diamonds/versions/${id}`);
const versionThatAnswers = async () =>
  (
    await supertest(app.server)
      .post('/models/diamonds/predictions')
      .send({ instances: [DIAMOND] })
  ).body.version;

describe('GET /models/{model}/versions', () => {
  it('lists them, the newest first, with metrics and aliases', async () => {
    const { body } = await get('/versions').expect(200);
    expect(body).toEqual({
      model: 'diamonds',
      items: [
        expect.objectContaining({ id: THIRD.id, aliases: [] }),
        expect.objectContaining({ id: SECOND.id, aliases: [] }),
        {
          id: SHIPPED_ID,
          aliases: ['champion'],
          trainedAt: expect.stringMatching(/^\d{4}-/),
          metrics: expect.objectContaining({ rows: 10_789 }),
        },
      ],
    });
  });

  it('comes in pages that hold when a version is deleted between them', async () => {
    const first = await get('/versions?limit=1').expect(200);
    expect(first.body.items.map(({ id }: { id: string }) => id)).toEqual([THIRD.id]);
    await remove(THIRD.id).expect(204);
    const cursor = encodeURIComponent(first.body.next);
    const second = await get(`/versions?limit=2&cursor=${cursor}`).expect(200);
    expect(second.body.items.map(({ id }: { id: string }) => id)).toEqual([SECOND.id, SHIPPED_ID]);
    expect(second.body).not.toHaveProperty('next');
  });

  it.each([
    'limit=0',
    'limit=1001',
    'limit=1.5',
    'limit=few',
    'cursor=no%20cursor',
    'cursor=',
    'page=2',
  ])('refuses ?%s', async (query) => {
    const { status, body } = await get(`/versions?${query}`);
    expect([status, body.code]).toEqual([400, 'invalid_request']);
  });

  it('names a damaged version, and shows the others', async () => {
    writeFileSync(models.fileOf(THIRD.id, 'version.json'), '{');
    const { body } = await get('/versions').expect(200);
    expect(body.items).toHaveLength(3);
    expect(body.items.at(-1)).toEqual({
      id: THIRD.id,
      aliases: [],
      damaged: expect.stringContaining(THIRD.id),
    });
  });

  it('does not know other models', async () => {
    for (const path of ['versions', 'aliases', `versions/${SHIPPED_ID}`])
      await supertest(app.server).get(`/models/rubies/${path}`).expect(404);
  });
});

describe('a version', () => {
  it('has a card', async () => {
    const { body } = await get(`/versions/${SHIPPED_ID}`).expect(200);
    expect(body).toMatchObject({
      id: SHIPPED_ID,
      aliases: ['champion'],
      spec: { name: 'diamonds' },
      card: { metrics: { test: { rows: 10_789 } }, data: { rows: 53_940 } },
    });
    const unknown = await get(`/versions/${UNKNOWN}`);
    expect([unknown.status, unknown.body.code]).toEqual([404, 'version_not_found']);
  });

  it('is deleted when no alias points to it', async () => {
    const refused = await remove(SHIPPED_ID);
    expect([refused.status, refused.body.code]).toEqual([409, 'version_in_use']);
    await remove(SECOND.id).expect(204);
    await remove(SECOND.id).expect(404);
    await get(`/versions/${SECOND.id}`).expect(404);
    await remove('..%2f..').expect(404);
  });

  it('compares with another: metrics and specs', async () => {
    const other = retrained(3);
    other.spec = { ...other.spec, title: 'Gems', network: { ...other.spec.network!, hidden: [9] } };
    const test = { ...other.card.metrics!.test, rows: 10_790 };
    other.card = { ...other.card, metrics: { ...other.card.metrics!, test } };
    const { id, files } = packVersion(other);
    await models.store.publish('diamonds', id, files);
    const { body } = await get(`/versions/champion/compare/${id}`).expect(200);
    expect(body).toMatchObject({ model: 'diamonds', a: { id: SHIPPED_ID }, b: { id } });
    expect(body.sameData).toBe(true);
    expect(body.metrics.rows).toEqual({ a: 10_789, b: 10_790, difference: 1 });
    expect(body.metrics.mae.difference).toBe(0);
    expect(body.spec).toEqual([
      { path: 'title', a: 'Diamond prices', b: 'Gems' },
      { path: 'network.hidden', a: expect.any(Array), b: [9] },
    ]);
    await get(`/versions/${SHIPPED_ID}/compare/${UNKNOWN}`).expect(404);
  });
});

describe('an alias', () => {
  it('is moved, and what it points to serves at once', async () => {
    expect(await versionThatAnswers()).toBe(SHIPPED_ID);
    const { body } = await put('champion', { version: SECOND.id }).expect(200);
    expect(body).toEqual({ model: 'diamonds', alias: 'champion', version: SECOND.id });
    expect(await versionThatAnswers()).toBe(SECOND.id);
    const { items } = (await get('/aliases').expect(200)).body;
    expect(items).toEqual([{ alias: 'champion', version: SECOND.id, previous: SHIPPED_ID }]);
  });

  it('is not moved by one who takes it for another version', async () => {
    for (const expected of [THIRD.id, null]) {
      const { status, body } = await put('champion', { version: SECOND.id, expected });
      expect([status, body.code]).toEqual([409, 'version_conflict']);
    }
    expect(await versionThatAnswers()).toBe(SHIPPED_ID);
    await put('champion', { version: SECOND.id, expected: SHIPPED_ID }).expect(200);
    await put('stable', { version: SECOND.id, expected: null }).expect(200);
  });

  it.each([
    ['an unknown version', 'champion', { version: UNKNOWN }, 404, 'version_not_found'],
    ['no version', 'champion', {}, 400, 'invalid_request'],
    ['a path', 'champion', { version: '../evil' }, 400, 'invalid_request'],
    ['another field', 'champion', { version: SECOND.id, by: 'me' }, 400, 'invalid_request'],
    ['a name that is none', '..%2fx', { version: SECOND.id }, 400, 'invalid_request'],
  ])('is not moved with %s', async (_what, alias, body, status, code) => {
    const answer = await put(alias, body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('is not moved to a version that does not load', async () => {
    writeFileSync(models.fileOf(SECOND.id, 'weights.bin'), 'rubble');
    const { status, body } = await put('champion', { version: SECOND.id });
    expect([status, body.code]).toEqual([503, 'version_corrupt']);
    expect(await versionThatAnswers()).toBe(SHIPPED_ID);
  });

  it('may be moved to where it is, which is no move', async () => {
    await put('champion', { version: SHIPPED_ID }).expect(200);
    expect((await get('/aliases')).body.items[0]).not.toHaveProperty('previous');
  });

  it('is rolled back to the version before its last move, with and without a body', async () => {
    const none = await rollBack();
    expect([none.status, none.body.code]).toEqual([409, 'no_previous_version']);
    await put('champion', { version: SECOND.id }).expect(200);
    const conflict = await rollBack({ expected: THIRD.id });
    expect([conflict.status, conflict.body.code]).toEqual([409, 'version_conflict']);
    expect((await rollBack().expect(200)).body.version).toBe(SHIPPED_ID);
    expect(await versionThatAnswers()).toBe(SHIPPED_ID);
    expect((await rollBack({ expected: SHIPPED_ID }).expect(200)).body.version).toBe(SECOND.id);
    await rollBack({ to: SHIPPED_ID }).expect(400);
    const unknown = '/models/rubies/aliases/champion/rollback';
    await supertest(app.server).post(unknown).expect(404);
  });

  it('is not moved by pages of other sites', async () => {
    const move = (origin: string) =>
      put('champion', { version: SECOND.id }).set('host', 'localhost:8080').set('origin', origin);
    for (const origin of ['https://evil.example', 'null', 'http://localhost:9090']) {
      const { status, body } = await move(origin);
      expect([status, body.code]).toEqual([403, 'cross_origin']);
    }
    await move('http://localhost:8080').expect(200);
  });

  it('and versions are read-only unless the settings allow changes', async () => {
    const parts = await compose(configOf(models.directory));
    const { app: closed } = testApp({ ...parts, admin: false });
    await closed.ready();
    const ask = supertest(closed.server);
    await ask.get('/models/diamonds/versions').expect(200);
    const path = '/models/diamonds/aliases/champion';
    await ask.put(path).send({ version: SECOND.id }).expect(404);
    await ask.post(`${path}/rollback`).expect(404);
    await ask.delete(`/models/diamonds/versions/${SECOND.id}`).expect(405);
    await closed.close();
  });
});

describe('what GET answers', () => {
  it.each(['', '/versions', `/versions/${SHIPPED_ID}`, '/aliases'])(
    'of %j has a tag, and is not sent again to those who have it',
    async (path) => {
      const { etag } = (await get(path).expect(200)).headers;
      expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
      for (const known of [etag!, `W/${etag}`, `"x", ${etag}`, '*']) {
        const { text } = await get(path).set('if-none-match', known).expect(304);
        expect(text).toBe('');
      }
      await get(path).set('if-none-match', '"other"').expect(200);
    },
  );

  it('has another tag once it has changed', async () => {
    const { etag } = (await get('/aliases')).headers;
    await put('champion', { version: SECOND.id }).expect(200);
    const after = await get('/aliases').set('if-none-match', etag!).expect(200);
    expect(after.headers.etag).not.toBe(etag);
  });
});
