import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { readConfig } from '../../src/compose/config.js';
import { foreignHost } from '../../src/core/origin.js';
import { DIAMOND, testApp } from '../support/app.js';
import { guardedApp } from '../support/keys.js';

const APP = 'https://app.example.com';
const EVIL = 'https://evil.example';
const closed = await guardedApp();
const open = await guardedApp({}, { web: { origins: [APP] } });
const authOf = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` });
const preflight = (origin: string) => ({
  origin,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization,content-type',
});
const corsOf = (headers: Record<string, unknown>) =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));
beforeAll(async () => {
  await Promise.all([closed.app.ready(), open.app.ready()]);
});
afterAll(async () => {
  await closed.remove();
  await open.remove();
});

describe('by default', () => {
  it.each([
    ['a prediction', 'post', '/models/diamonds/predictions', { instances: [DIAMOND] }, 200],
    ['models', 'get', '/models', undefined, 200],
    ['an error', 'get', '/models/rubies', undefined, 404],
    ['no such route', 'get', '/nothing', undefined, 404],
    ['a page of ours', 'get', '/docs', undefined, 200],
  ] as const)('no page of another site can read %s', async (_what, method, path, body, status) => {
    const sent = supertest(closed.app.server)[method](path);
    const answer = await sent.set({ ...authOf(closed), origin: EVIL }).send(body);
    expect(answer.status).toBe(status);
    expect(corsOf(answer.headers)).toEqual([]);
  });

  it('no preflight passes', async () => {
    const answer = await supertest(closed.app.server).options('/models').set(preflight(EVIL));
    expect([answer.status, corsOf(answer.headers)]).toEqual([405, []]);
  });

  it('no page of another site can change anything, on any route', async () => {
    const seen: string[] = [];
    const document = (await supertest(closed.app.server).get('/openapi.json')).body;
    for (const [path, methods] of Object.entries<Record<string, { operationId: string }>>(
      document.paths,
    )) {
      for (const [method, { operationId }] of Object.entries(methods)) {
        if (method === 'get' || /^predict(_|$)/.test(operationId)) continue;
        const answer = await closed.app.inject({
          method: method.toUpperCase() as 'POST',
          url: path.replaceAll(/\{\w+\}/g, '1'),
          headers: { ...authOf(closed), origin: EVIL },
        });
        expect([operationId, answer.statusCode, answer.json().code]).toEqual([
          operationId,
          403,
          'cross_origin',
        ]);
        seen.push(operationId);
      }
    }
    expect(seen).toEqual(expect.arrayContaining(['cancelJob', 'startUpload', 'revokeKey']));
    expect(seen.length).toBeGreaterThan(18);
  });

  it('our own page can', async () => {
    const answer = await closed.app.inject({
      method: 'DELETE',
      url: '/keys/nokey',
      headers: { ...authOf(closed), origin: 'http://own.example:8080', host: 'own.example:8080' },
    });
    expect(answer.statusCode).toBe(404);
  });
});

describe('pages of a site that was named', () => {
  it('pass the preflight, without a key, wherever they ask', async () => {
    for (const path of ['/models/diamonds/predictions', '/keys', '/nothing']) {
      const { status, headers } = await supertest(open.app.server)
        .options(path)
        .set(preflight(APP));
      expect(status).toBe(204);
      expect(headers).toMatchObject({
        'access-control-allow-origin': APP,
        'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': expect.stringContaining('authorization'),
        vary: 'origin',
      });
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
    }
  });

  it.each([
    ['a prediction', 'post', '/models/diamonds/predictions', { instances: [DIAMOND] }, 200],
    ['an error', 'get', '/models/rubies', undefined, 404],
    ['what changes something', 'delete', '/keys/nokey', undefined, 404],
  ] as const)('read %s', async (_what, method, path, body, status) => {
    const sent = supertest(open.app.server)[method](path);
    const answer = await sent.set({ ...authOf(open), origin: APP }).send(body);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': APP, vary: 'origin' });
    expect(answer.headers['access-control-expose-headers']).toContain('x-request-id');
  });

  it('read why they have no key', async () => {
    const answer = await supertest(open.app.server).get('/models').set({ origin: APP });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([401, APP]);
  });

  it.each([EVIL, 'null', `${APP}.evil.example`, 'http://app.example.com', `${APP}:8443`])(
    'and not those of %s',
    async (origin) => {
      const asked = await supertest(open.app.server).options('/models').set(preflight(origin));
      expect([asked.status, corsOf(asked.headers)]).toEqual([405, []]);
      const headers = { ...authOf(open), origin };
      const read = await supertest(open.app.server).get('/models').set(headers);
      expect(corsOf(read.headers)).toEqual([]);
      expect(read.headers.vary).toBe('origin');
      await supertest(open.app.server).delete('/keys/nokey').set(headers).expect(403);
    },
  );
});

describe('CORS_ORIGINS', () => {
  it('names whole origins', () => {
    const { CORS_ORIGINS } = readConfig({ CORS_ORIGINS: `${APP}, http://localhost:3000` });
    expect(CORS_ORIGINS).toBe(`${APP},http://localhost:3000`);
  });

  it.each(['*', 'app.example.com', `${APP}/`, `${APP}/page`, 'https://*.example.com', 'null'])(
    'is not %s',
    (given) => {
      expect(() => readConfig({ CORS_ORIGINS: given })).toThrow(/CORS_ORIGINS must name whole/);
    },
  );
});

describe('a server that is for its own machine', () => {
  it('does not answer to the name of another site, which may have come to lead here', async () => {
    const { app } = testApp({ web: { thisMachine: true } });
    const statusOf = async (host: string) =>
      (await app.inject({ url: '/models', headers: { host } })).statusCode;
    for (const host of ['localhost', 'localhost:8080', '127.0.0.1:1', '[::1]:8080', 'LOCALHOST'])
      expect([host, await statusOf(host)]).toEqual([host, 200]);
    for (const host of ['evil.example', 'localhost.evil.example:8080', '127.0.0.1.evil.example'])
      expect([host, await statusOf(host)]).toEqual([host, 403]);
    await app.close();
  });

  it('and not to none', () => {
    expect(foreignHost(undefined)?.code).toBe('cross_origin');
  });
});
