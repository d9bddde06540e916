import { afterAll, describe, expect, it } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { readConfig } from '../../src/compose/config.js';
import { createHandler } from '../../src/hosts/lambda/handler.js';
import { apiGatewayV1, apiGatewayV2, loadBalancer } from '../hosts/lambda/events.js';
import { DIAMOND, testApp } from '../support/app.js';
import { FLATS, flats, newDatasets } from '../support/datasets.js';

const datasets = newDatasets();
const { app } = testApp({ datasets: async () => datasets, web: { basePath: '/api/v1' } });
afterAll(async () => {
  await app.close();
  datasets.remove();
});

describe('an API below a path', () => {
  it.each(['/api/v1', ''])('is served at "%s"', async (base) => {
    expect((await app.inject(`${base}/health/live`)).json()).toEqual({ status: 'live' });
    const answer = await app.inject({
      method: 'POST',
      url: `${base}/models/diamonds/predictions`,
      payload: { instances: [DIAMOND] },
    });
    expect(answer.statusCode).toBe(200);
    expect((await app.inject(`${base}/models/diamonds/versions?limit=1`)).statusCode).toBe(200);
    expect((await app.inject(`${base}/models/diamonds/versions?limit=x`)).statusCode).toBe(400);
  });

  it.each(['/api/v1', '/api/v1/', '/api/v1?a=b'])('has its first page at %s', async (url) => {
    const answer = await app.inject(url);
    expect([answer.statusCode, answer.headers.location]).toEqual([302, '/api/v1/docs']);
  });

  it.each(['/api', '/api/v10/models', '/api/v1x', '/other/api/v1/models'])(
    'is not served at %s',
    async (url) => {
      expect((await app.inject(url)).statusCode).toBe(404);
    },
  );

  it('has links that lead there', async () => {
    const defined = await app.inject({
      method: 'PUT',
      url: '/api/v1/datasets/flats',
      payload: FLATS,
    });
    expect(defined.headers.location).toBe('/api/v1/datasets/flats');
    const appended = await app.inject({
      method: 'POST',
      url: defined.headers.location as string,
      payload: flats(5),
      headers: { 'content-type': 'text/csv' },
    });
    expect(appended.headers.location).toMatch(/^\/api\/v1\/datasets\/flats\/batches\/\w+$/);
    expect((await app.inject(appended.headers.location as string)).statusCode).toBe(200);
  });

  it('has a contract and a page that lead there', async () => {
    const { servers } = (await app.inject('/api/v1/openapi.json')).json();
    expect(servers).toEqual([{ url: '/api/v1' }]);
    const page = await app.inject('/api/v1/docs');
    const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
    expect(links.length).toBeGreaterThan(2);
    for (const link of links) {
      const { pathname } = new URL(link, 'http://localhost/api/v1/docs');
      expect(pathname).toMatch(/^\/api\/v1\/docs/);
      expect((await app.inject(pathname)).statusCode).toBe(200);
    }
  });

  it('is served so in Lambda', async () => {
    const handler = createHandler(app);
    const request = { method: 'GET', path: '/api/v1/health/live' };
    for (const event of [apiGatewayV1(request), apiGatewayV2(request), loadBalancer(request, true)])
      expect(await handler(event, {} as Context)).toMatchObject({ statusCode: 200 });
  });
});

describe('the setting BASE_PATH', () => {
  it.each(['/api', '/a/b-c/v1.2'])('may be %s', (path) => {
    expect(readConfig({ BASE_PATH: path }).BASE_PATH).toBe(path);
  });
  it.each(['/', 'api', '/api/', '//x', '/a b', 'https://x/api'])('may not be %s', (path) => {
    expect(() => readConfig({ BASE_PATH: path })).toThrow(/BASE_PATH must be a path such as/);
  });
});

describe('the setting TRUSTED_PROXIES', () => {
  it.each(['10.0.0.0/8', '10.0.0.1, fd00::/8,::1'])('may be %s', (ranges) => {
    expect(readConfig({ TRUSTED_PROXIES: ranges }).TRUSTED_PROXIES).not.toContain(' ');
  });
  it.each(['10.0.0.0/33', 'proxy', '10.0.0.0/8/8', '10.0.0.0/8,', '::/129'])(
    'may not be %s',
    (ranges) => {
      expect(() => readConfig({ TRUSTED_PROXIES: ranges })).toThrow(/TRUSTED_PROXIES must name/);
    },
  );
});
