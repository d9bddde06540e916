import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { compose } from '../../src/compose/index.js';
import { configOf, DIAMOND, testApp } from '../support/app.js';
import { pngOf } from '../support/png.js';
import { startServer } from '../support/process.js';
import { publishRandom } from '../support/publish.js';

const { app: diamonds, registry } = testApp({ invocationsModel: 'diamonds' });
const { app: digits } = testApp({ invocationsModel: 'digits' });
const { app: none } = testApp();
const { app: absent } = testApp({ invocationsModel: 'emeralds' });
afterAll(() => Promise.all([diamonds, digits, none, absent].map((app) => app.close())));

const send = (
  app: typeof diamonds,
  url: string,
  payload: object | string,
  type = 'application/json',
) => app.inject({ method: 'POST', url, payload, headers: { 'content-type': type } });
const withoutIds = ({ predictions, ...rest }: { predictions: { id: string }[] }) => ({
  ...rest,
  predictions: predictions.map(({ id: _own, ...prediction }) => prediction),
});

describe('the model of INVOCATIONS_MODEL', () => {
  it('is reported by GET /ping', async () => {
    const { version } = await registry.champion('diamonds');
    const answer = await diamonds.inject('/ping');
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { model: 'diamonds', version: version.id },
    ]);
  });

  it('answers POST /invocations as it answers its own route', async () => {
    const body = { instances: [DIAMOND, { ...DIAMOND, carat: 20 }] };
    const [invoked, predicted] = await Promise.all(
      ['/invocations', '/models/diamonds/predictions'].map((url) => send(diamonds, url, body)),
    );
    expect(invoked!.statusCode).toBe(200);
    expect(invoked!.headers['content-type']).toBe(predicted!.headers['content-type']);
    expect(invoked!.json().predictions).toHaveLength(2);
    expect(withoutIds(invoked!.json())).toEqual(withoutIds(predicted!.json()));
  });

  it('decodes rows in the charset that they name, and refuses others', async () => {
    const [names, values] = [Object.keys(DIAMOND), Object.values(DIAMOND)].map((row) => row.join());
    const payload = Buffer.from(`${names},caf\xe9\n${values},\xe9\n`, 'latin1');
    const post = (type: string) =>
      diamonds.inject({
        method: 'POST',
        url: '/invocations',
        payload,
        headers: { 'content-type': type },
      });
    expect((await post('text/csv; charset=iso-8859-1')).statusCode).toBe(200);
    const refused = await post('text/csv');
    expect([refused.statusCode, refused.json().code]).toEqual([415, 'unsupported_charset']);
  });

  it('takes an image as the body', async () => {
    const rows = (await registry.champion('digits')).version.examples[0]!.instance.image;
    const png = pngOf({
      width: 28,
      height: 28,
      depth: 8,
      colour: 'grey',
      rows: rows as number[][],
    });
    const [invoked, predicted] = await Promise.all(
      ['/invocations', '/models/digits/predictions'].map((url) =>
        send(digits, url, png, 'image/png'),
      ),
    );
    expect(invoked!.statusCode).toBe(200);
    expect(withoutIds(invoked!.json())).toEqual(withoutIds(predicted!.json()));
  });

  const CELLS = Object.values(DIAMOND).join(',');
  const NAMES = Object.keys(DIAMOND).join(',');
  it.each([
    ['CSV without a header', `${CELLS}\n${CELLS}\n`, 'text/csv'],
    ['CSV with a header', `${NAMES}\r\n${CELLS}\r\n${CELLS}\r\n`, 'text/csv; header=present'],
    ['JSON lines', `${JSON.stringify(DIAMOND)}\n`.repeat(2), 'application/jsonlines'],
    ['JSON lines', `${JSON.stringify(DIAMOND)}\n\n`.repeat(2), 'application/x-ndjson'],
  ])('takes %s', async (_what, rows, type) => {
    const predicted = await send(diamonds, '/models/diamonds/predictions', {
      instances: [DIAMOND, DIAMOND],
    });
    const invoked = await send(diamonds, '/invocations', rows, type);
    expect(invoked.statusCode).toBe(200);
    expect(withoutIds(invoked.json())).toEqual(withoutIds(predicted.json()));
  });

  it('takes the pixels of an image as the columns of CSV', async () => {
    const { instance } = (await registry.champion('digits')).version.examples[0]!;
    const row = (instance.image as number[][]).flat().join(',');
    const answer = await send(digits, '/invocations', row, 'text/csv');
    const predicted = await send(digits, '/models/digits/predictions', { instances: [instance] });
    expect(withoutIds(answer.json())).toEqual(withoutIds(predicted.json()));
  });

  it.each([
    ['text/csv', 'text/csv; charset=utf-8', /^\d+(\.\d+)?\n$/],
    ['application/jsonlines, */*', 'application/jsonlines; charset=utf-8', /^\{"id":".*\}\n$/],
    ['*/*', 'application/json; charset=utf-8', /^\{"model"/],
  ])('answers %s as it is asked', async (accept, type, shape) => {
    const answer = await diamonds.inject({
      method: 'POST',
      url: '/invocations',
      payload: CELLS,
      headers: { 'content-type': 'text/csv', accept },
    });
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.body).toMatch(shape);
  });

  it.each([
    ['a row too short', `${CELLS}\n1,2\n`, 'text/csv', 422, 'invalid_instances'],
    ['a cell that is no number', CELLS.replace('0.23', 'x'), 'text/csv', 422, 'invalid_instances'],
    ['a quote that never ends', `"${CELLS}`, 'text/csv', 422, 'invalid_instances'],
    ['no rows', '\n', 'text/csv', 400, 'invalid_request'],
    ['half of JSON', '{"carat":', 'application/jsonlines', 422, 'invalid_instances'],
    ['a line that is a list', '[1]', 'application/jsonlines', 422, 'invalid_instances'],
    ['too many rows', `${CELLS}\n`.repeat(1001), 'text/csv', 400, 'invalid_request'],
  ])('refuses %s', async (_what, rows, type, status, code) => {
    const answer = await send(diamonds, '/invocations', rows, type);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  it.each([
    ['a bad instance', { instances: [{ ...DIAMOND, cut: 'Superb' }] }, 422, 'invalid_instances'],
    ['a body of another shape', { rows: [DIAMOND] }, 400, 'invalid_request'],
    ['no instances', { instances: [] }, 400, 'invalid_request'],
    ['too many', { instances: Array(1001).fill(DIAMOND) }, 400, 'invalid_request'],
  ])('refuses %s as its own route does', async (_what, body, status, code) => {
    for (const url of ['/invocations', '/models/diamonds/predictions']) {
      const answer = await send(diamonds, url, body);
      expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
  });

  it('refuses a request without a body, and an unknown type', async () => {
    const empty = await diamonds.inject({ method: 'POST', url: '/invocations' });
    expect([empty.statusCode, empty.json().code]).toEqual([400, 'invalid_request']);
    const xml = await send(diamonds, '/invocations', '<a/>', 'text/xml');
    expect([xml.statusCode, xml.json().code]).toEqual([415, 'unsupported_media_type']);
  });

  it('is documented', async () => {
    const { paths } = (await diamonds.inject('/openapi.json')).json();
    expect([paths['/ping'].get.operationId, paths['/invocations'].post.operationId]).toEqual([
      'ping',
      'invoke',
    ]);
  });

  it('is not ready where it is not there', async () => {
    const ping = await absent.inject('/ping');
    expect([ping.statusCode, ping.json()]).toEqual([
      503,
      expect.objectContaining({
        code: 'not_ready',
        detail: expect.stringContaining('emeralds'),
      }),
    ]);
    const answer = await send(absent, '/invocations', { instances: [DIAMOND] });
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'model_not_found']);
  });
});

describe('a model that comes later', () => {
  it('is served from then on', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'lapidary-invocations-'));
    const parts = await compose(configOf(directory));
    const { app } = testApp({ ...parts, invocationsModel: 'marked' });
    try {
      expect((await app.inject('/ping')).statusCode).toBe(503);
      const version = await publishRandom(parts.operator.versions);
      const answer = await app.inject('/ping');
      expect([answer.statusCode, answer.json()]).toEqual([200, { model: 'marked', version }]);
    } finally {
      await app.close();
      rmSync(directory, { recursive: true });
    }
  });
});

describe('without INVOCATIONS_MODEL', () => {
  it('neither route is there, nor in the documentation', async () => {
    const answers = [
      await none.inject('/ping'),
      await send(none, '/invocations', { instances: [DIAMOND] }),
    ];
    for (const answer of answers)
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'route_not_found']);
    const { paths } = (await none.inject('/openapi.json')).json();
    expect(Object.keys(paths)).not.toContain('/ping');
    expect(Object.keys(paths)).not.toContain('/invocations');
  });
});

describe('the container of an endpoint, as SageMaker runs it', () => {
  it('answers both requests, and has no routes that change data', async () => {
    const server = await startServer({
      HOST: '0.0.0.0',
      ACCESS: 'open',
      ADMIN_ROUTES: 'off',
      INVOCATIONS_MODEL: 'diamonds',
    });
    const url = `http://127.0.0.1:${new URL(server.url).port}`;
    try {
      expect((await fetch(`${url}/ping`)).status).toBe(200);
      const answer = await fetch(`${url}/invocations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ instances: [DIAMOND] }),
      });
      expect([answer.status, await answer.json()]).toEqual([
        200,
        expect.objectContaining({
          model: 'diamonds',
          predictions: [expect.objectContaining({ value: expect.any(Number) })],
        }),
      ]);
      const removal = await fetch(`${url}/models/diamonds`, { method: 'DELETE' });
      expect(removal.ok).toBe(false);
    } finally {
      server.child.kill('SIGTERM');
    }
    expect((await server.finished).code).toBe(0);
  });
});
