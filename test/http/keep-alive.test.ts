import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FLATS, flats } from '../support/datasets.js';
import { guardedApp } from '../support/keys.js';

const { app, key, remove } = await guardedApp();
/** All requests come over one connection, one after another. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
beforeAll(async () => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  await send(
    'PUT',
    '/datasets/flats',
    { 'content-type': 'application/json' },
    JSON.stringify(FLATS),
  );
});
afterAll(async () => {
  agent.destroy();
  await remove();
});

/** @returns the status of the answer */
function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Uint8Array,
): Promise<number> {
  const { port } = app.server.address() as AddressInfo;
  const authorization = `Bearer ${key}`;
  return new Promise((resolve, reject) => {
    const sent = request({ port, method, path, agent, headers: { authorization, ...headers } });
    sent.on('error', reject);
    sent.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode!)));
    sent.end(body);
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };
const CSV = { 'content-type': 'text/csv' };
const LARGE = Buffer.alloc(3_000_000, 'a');
const BAD_ROWS = flats(100_000).replaceAll('Bern', 'Rome');
const part = { 'content-type': 'application/octet-stream', 'x-checksum-sha256': '0'.repeat(64) };

describe('a connection', () => {
  it.each<[string, string, string, Record<string, string>, string | Uint8Array, number]>([
    ['a batch that is no CSV', 'POST', '/datasets/flats', CSV, LARGE, 422],
    ['a batch of bad rows', 'POST', '/datasets/flats', CSV, BAD_ROWS, 422],
    ['no gzip', 'POST', '/datasets/flats', { ...CSV, 'content-encoding': 'gzip' }, LARGE, 400],
    [
      'more than a gzip',
      'POST',
      '/datasets/flats',
      { ...CSV, 'content-encoding': 'gzip' },
      Buffer.concat([gzipSync('area'), LARGE]),
      400,
    ],
    ['another type', 'POST', '/datasets/flats', { 'content-type': 'text/plain' }, LARGE, 415],
    ['rows to predict', 'POST', '/models/diamonds/batch-predictions', CSV, BAD_ROWS, 422],
    ['a part of no upload', 'PUT', '/datasets/flats/uploads/none/parts/1', part, LARGE, 404],
    ['a body that is too large', 'POST', '/models/diamonds/predictions', JSON_TYPE, LARGE, 413],
  ])('goes on after it was refused %s', async (_what, method, path, headers, body, status) => {
    expect(await send(method, path, headers, body)).toBe(status);
    expect(await send('GET', '/health/live')).toBe(200);
  });
});
