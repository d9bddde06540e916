import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { SECURITY_HEADERS } from '../../src/http/protect/headers.js';
import type { ServingService } from '../../src/serving/service.js';
import { DIAMOND, testApp } from '../support/app.js';
import { guardedApp } from '../support/keys.js';

const { app, key, remove } = await guardedApp();
const auth = { authorization: `Bearer ${key}` };
let port = 0;
beforeAll(async () => {
  port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
});
afterAll(remove);

/** What a server answers to bytes that need be no HTTP. */
function answerTo(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}

describe('every answer has the headers that protect browsers', () => {
  it.each([
    ['a prediction', 'post', '/models/diamonds/predictions', auth, { instances: [DIAMOND] }, 200],
    ['health', 'get', '/health/live', {}, undefined, 200],
    ['the contract', 'get', '/openapi.json', {}, undefined, 200],
    ['a redirect', 'get', '/', {}, undefined, 302],
    ['a preflight without an origin', 'options', '/models', {}, undefined, 405],
    ['no such route', 'get', '/nothing', {}, undefined, 404],
    ['no key', 'get', '/models', {}, undefined, 401],
    ['no such model', 'get', '/models/rubies', auth, undefined, 404],
    ['a bad body', 'post', '/models/diamonds/predictions', auth, {}, 400],
    ['a path that is not encoded', 'get', '/models/%zz', auth, undefined, 400],
    ['a path that is too long', 'get', `/models/${'x'.repeat(101)}`, auth, undefined, 414],
  ] as const)('%s', async (_what, method, path, headers, body, status) => {
    const answer = await supertest(app.server)[method](path).set(headers).send(body);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject(SECURITY_HEADERS);
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers).not.toHaveProperty('strict-transport-security');
    expect(answer.headers).not.toHaveProperty('x-powered-by');
    if (status >= 400) expect(answer.type).toBe('application/problem+json');
  });

  it('a bug', async () => {
    const registry = { loadAll: () => Promise.reject(new Error('broken')) };
    const broken = testApp({ registry: registry as unknown as ServingService });
    const answer = await broken.app.inject('/models');
    expect(answer.statusCode).toBe(500);
    expect(answer.headers).toMatchObject(SECURITY_HEADERS);
    await broken.app.close();
  });

  const LIVE = 'GET /health/live HTTP/1.1\r\n';
  const POST =
    'POST /models/diamonds/predictions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
  it.each([
    [
      'an expectation that is none',
      `${POST}expect: nonsense\r\ncontent-length: 2\r\n\r\n{}`,
      417,
      'expectation_failed',
    ],
    ['no host', `${LIVE}\r\n`, 400, 'invalid_request'],
    ['an empty host', `${LIVE}host:\r\n\r\n`, 400, 'invalid_request'],
    ['two hosts', `${LIVE}host: a\r\nhost: b\r\n\r\n`, 400, 'invalid_request'],
    ['a host that is none', `${LIVE}host: a/b@c\r\n\r\n`, 400, 'invalid_request'],
    [
      'a version of HTTP that is not spoken',
      'GET / HTTP/2.0\r\nhost: x\r\n\r\n',
      505,
      'http_version_not_supported',
    ],
    [
      'a transfer coding around the chunks',
      `${POST}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
      501,
      'not_implemented',
    ],
    ['a method that is none', 'BREW / HTTP/1.1\r\nhost: x\r\n\r\n', 501, 'not_implemented'],
    ['a tunnel', 'CONNECT x:443 HTTP/1.1\r\nhost: x:443\r\n\r\n', 501, 'not_implemented'],
    ['a URL without end', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n`, 414, 'url_too_long'],
    ['TLS', '\x16\x03\x01\x00\xa5\x01\x00', 400, 'invalid_request'],
    ['a target for OPTIONS alone', 'GET * HTTP/1.1\r\nhost: a\r\n\r\n', 400, 'invalid_request'],
    ['no HTTP', 'hello\r\n\r\n', 400, 'invalid_request'],
    [
      'headers without end',
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc',
      400,
      'invalid_request',
    ],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'invalid_request',
    ],
  ])('%s', async (_what, bytes, status, code) => {
    const answer = await answerTo(bytes);
    const [head, body] = answer.split('\r\n\r\n') as [string, string];
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      expect(head).toContain(`${name}: ${value}`);
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });
});

it('OPTIONS * names the methods', async () => {
  for (const rest of [
    '',
    'content-type: text/xml\r\ncontent-length: 4\r\n',
    'origin: http://a\r\n',
  ]) {
    const answer = await answerTo(
      `OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${rest}\r\n<a/>`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 204 /);
    expect(answer).toMatch(/^allow: GET, HEAD, POST, PUT, PATCH, DELETE\r$/m);
    expect(answer).toMatch(/^x-content-type-options: nosniff\r$/m);
  }
});

it.each([
  ['GET', '/health/live', 200, /"live"/],
  ['POST', '/health/live', 405, /^allow: GET, HEAD\r$/m],
  ['GET', '/nothing?x=1', 404, /\/nothing does not exist/],
])('the absolute form of a target is its path: %s %s', async (method, path, status, text) => {
  const answer = await answerTo(
    `${method} http://x:80${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
  );
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).toMatch(text);
});

describe('a route that does not take a method', () => {
  it.each([
    ['OPTIONS', 'application/json', '{'],
    ['OPTIONS', 'application/json', ''],
    ['OPTIONS', 'text/xml', '<a/>'],
    ['QUERY', 'application/json', '{'],
    ['QUERY', 'application/sql', 'select'],
    ['PROPFIND', 'text/xml', '<a/>'],
    ['TRACE', 'text/plain', ''],
    ['HEAD', 'text/plain', ''],
    ['DELETE', 'text/xml', '<a/>'],
  ])('says which it takes, whatever comes with it: %s %s', async (method, type, payload) => {
    const answer = await answerTo(
      `${method} /models/diamonds/predictions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: ${type}\r\ncontent-encoding: br\r\ncontent-length: ${payload.length}\r\n\r\n${payload}`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 405 /);
    expect(answer).toMatch(/^allow: POST\r$/m);
    if (method !== 'HEAD') expect(answer).toContain('"code":"method_not_allowed"');
  });

  it('is not asked for a route that is not there', async () => {
    const answer = await supertest(app.server)
      .post('/nothing')
      .set('content-type', 'application/json')
      .send('{');
    expect([answer.status, answer.body.code]).toEqual([404, 'route_not_found']);
  });
});

describe('HTTP/1.0', () => {
  it('is spoken, with and without a host', async () => {
    for (const host of ['', 'host: localhost\r\n']) {
      const answer = await answerTo(`GET /health/live HTTP/1.0\r\n${host}\r\n`);
      expect(answer).toMatch(/^HTTP\/1.1 200 [\s\S]*\{"status":"live"\}$/);
    }
  });
});

describe('the documentation', () => {
  it('may run only its own scripts', async () => {
    const { headers, text } = await supertest(app.server).get('/docs').expect(200);
    const policy = headers['content-security-policy']!;
    expect(policy).toContain("default-src 'none'; script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    // What the policy forbids is not there.
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>|<style|\son[a-z]+=|\sstyle=/);
    const [, script] = /<script src="\.?([^"]+)"/.exec(text) ?? [];
    expect(script).toBeDefined();
  });
});

describe('what is answered', () => {
  it('to a key stays out of caches that others share, and a key out of all', async () => {
    const models = await supertest(app.server).get('/models').set(auth).expect(200);
    expect(models.headers['cache-control']).toBe('private, no-cache');
    const made = await supertest(app.server)
      .post('/keys')
      .set(auth)
      .send({ client: 'acme', scopes: ['predict'] })
      .expect(201);
    expect(made.headers['cache-control']).toBe('no-store');
    const rotated = await supertest(app.server).post(`/keys/${made.body.id}/rotate`).set(auth);
    expect([rotated.status, rotated.headers['cache-control']]).toEqual([201, 'no-store']);
  });

  it('behind TLS asks browsers to stay there', async () => {
    const secure = testApp({ web: { tls: true } });
    for (const path of ['/health/live', '/nothing']) {
      const { headers } = await secure.app.inject(path);
      expect(headers['strict-transport-security']).toBe('max-age=31536000');
    }
    await secure.app.close();
  });
});
