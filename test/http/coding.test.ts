import { createHash } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DIAMOND } from '../support/app.js';
import { FLATS, flats } from '../support/datasets.js';
import { guardedApp } from '../support/keys.js';

const { app, key, remove } = await guardedApp();
const PREDICT = '/models/diamonds/predictions';
const ONE = JSON.stringify({ instances: [DIAMOND] });
beforeAll(async () => {
  await app.ready();
  expect((await send('PUT', '/datasets/flats', JSON.stringify(FLATS), JSON_TYPE)).statusCode).toBe(
    201,
  );
});
afterAll(remove);

const JSON_TYPE = { 'content-type': 'application/json' };
const CSV = { 'content-type': 'text/csv' };
const OCTETS = { 'content-type': 'application/octet-stream' };

const sendPlain = (
  method: 'POST' | 'PUT' | 'GET' | 'DELETE',
  url: string,
  payload: string | Buffer | undefined,
  headers: Record<string, string>,
) =>
  app.inject({
    method,
    url,
    ...(payload !== undefined && { payload }),
    headers: { ...headers, authorization: `Bearer ${key}` },
  });
const send = (
  method: 'POST' | 'PUT' | 'GET' | 'DELETE',
  url: string,
  body: string | Buffer,
  headers: Record<string, string>,
) => sendPlain(method, url, gzipSync(body), { 'content-encoding': 'gzip', ...headers });
const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes);

describe('a body that is packed with gzip is taken', () => {
  it.each([
    ['JSON', PREDICT, ONE, JSON_TYPE, 200],
    ['JSON, by the older name', PREDICT, ONE, { ...JSON_TYPE, 'content-encoding': 'X-GZip' }, 200],
    ['pixels', '/models/digits/predictions', Buffer.alloc(784, 1), OCTETS, 200],
    ['a batch', '/datasets/flats', flats(20), CSV, 201],
    ['rows to predict', '/models/diamonds/batch-predictions', csvOf(DIAMOND), CSV, 202],
    [
      'a dataset to predict',
      '/models/diamonds/batch-predictions',
      '{"dataset":"none"}',
      JSON_TYPE,
      404,
    ],
    ['a client', '/clients', '{"id":"packed"}', JSON_TYPE, 201],
  ])('%s', async (_what, url, body, headers, status) => {
    expect((await send('POST', url, body, headers)).statusCode).toBe(status);
  });

  it('a part, with the checksum of what is kept or of what is sent', async () => {
    const started = await sendPlain('POST', '/datasets/flats/uploads', '{}', JSON_TYPE);
    const path = `${started.headers.location}/parts`;
    const text = flats(7);
    const kept = sha256(text).digest('hex');
    const of = (bytes: string | Buffer) => `sha-256=:${sha256(bytes).digest('base64')}:`;
    for (const headers of [
      { 'x-checksum-sha256': kept },
      { 'content-digest': of(gzipSync(text)) },
      { 'content-digest': of(gzipSync(text)), 'x-checksum-sha256': kept },
    ] as Record<string, string>[]) {
      const put = await send('PUT', `${path}/1`, text, { ...OCTETS, ...headers });
      expect([put.statusCode, put.json()]).toEqual([
        200,
        { number: 1, checksum: kept, bytes: text.length },
      ]);
    }
    const refused = await send('PUT', `${path}/1`, text, {
      ...OCTETS,
      'content-digest': of(text),
    });
    expect([refused.statusCode, refused.json().code]).toEqual([422, 'checksum_mismatch']);
  });

  it('or not at all, for any request without one', async () => {
    const plain = { ...JSON_TYPE, 'content-encoding': 'identity' };
    expect((await sendPlain('POST', PREDICT, ONE, plain)).statusCode).toBe(200);
    const none = await sendPlain('GET', '/models', undefined, { 'content-encoding': 'br' });
    expect(none.statusCode).toBe(200);
  });
});

describe('a packed body is refused', () => {
  it.each([
    ['br', Buffer.from(ONE)],
    ['deflate', deflateSync(ONE)],
    ['zstd', Buffer.from(ONE)],
    ['gzip, gzip', gzipSync(gzipSync(ONE))],
    ['nonsense', Buffer.from(ONE)],
  ])('in the coding %s, and what is taken is named', async (coding, payload) => {
    for (const [url, type] of [
      [PREDICT, JSON_TYPE],
      ['/datasets/flats', CSV],
      ['/models/diamonds/batch-predictions', CSV],
    ] as const) {
      const headers = { ...type, 'content-encoding': coding };
      const answer = await sendPlain('POST', url, payload, headers);
      expect(answer.json()).toMatchObject({
        status: 415,
        code: 'unsupported_media_type',
        detail: `the content coding of the body is ${coding}; the server accepts gzip, identity`,
      });
      expect(answer.headers['accept-encoding']).toBe('gzip, identity');
    }
  });

  it.each([
    ['that is not packed', Buffer.from(ONE), 400, 'invalid_gzip'],
    ['that data is incomplete', gzipSync(ONE).subarray(0, 30), 400, 'invalid_gzip'],
    ['of which nothing is JSON', gzipSync('{'), 400, 'invalid_json'],
    ['that is nothing', gzipSync(''), 400, 'invalid_json'],
    ['that is a bomb', gzipSync(`[${' '.repeat(200 << 20)}]`), 413, 'payload_too_large'],
  ])('%s', async (_what, payload, status, code) => {
    const before = process.memoryUsage().rss;
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    const answer = await sendPlain('POST', PREDICT, payload, headers);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20);
  });
});

function csvOf(row: object): string {
  return `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}\n`;
}
