import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { InjectOptions } from 'fastify';
import sharp from 'sharp';
import { SharpImageDecoder } from '../../src/adapters/local/image-decoder.js';
import { DEEPEST } from '../../src/core/json.js';
import { DIAMOND } from '../support/app.js';
import { FLATS } from '../support/datasets.js';
import { guardedApp } from '../support/keys.js';
import { chunk, pngOf } from '../support/png.js';

const MEGA = 1 << 20;
const { app, dependencies, key, remove } = await guardedApp();
const PREDICT = '/models/diamonds/predictions';
beforeAll(async () => {
  await app.ready();
  await send({ method: 'PUT', url: '/datasets/flats', payload: FLATS });
});
afterAll(remove);

async function send({ headers, ...request }: InjectOptions) {
  const answer = await app.inject({
    ...request,
    headers: { ...headers, authorization: `Bearer ${key}` },
  });
  const { code, detail } = answer.json() as { code?: string; detail?: string };
  return { status: answer.statusCode, code, detail };
}
const json = (url: string, payload: string, method: 'POST' | 'PUT' = 'POST') =>
  send({ method, url, payload, headers: { 'content-type': 'application/json' } });
const rows = (payload: string | Buffer | Readable, type = 'text/csv', headers = {}) =>
  send({
    method: 'POST',
    url: '/datasets/flats',
    payload,
    headers: { 'content-type': type, ...headers },
  });
const ndjson = (payload: string) => rows(payload, 'application/x-ndjson');
const nested = (levels: number, open = '[', close = ']') =>
  open.repeat(levels) + (open === '[' ? '' : '1') + close.repeat(levels);
const isClean = () => expect(({} as Record<string, unknown>).polluted).toBeUndefined();

describe('a name that reaches the prototype', () => {
  it.each([
    ['an instance', PREDICT, '{"instances":[{"__proto__":{"polluted":1}}]}'],
    [
      'an instance, escaped',
      PREDICT,
      String.raw`{"instances":[{"\u005f_proto__":{"polluted":1}}]}`,
    ],
    ['the request', PREDICT, '{"__proto__":{"polluted":1},"instances":[{}]}'],
    ['a constructor', PREDICT, '{"instances":[{"constructor":{"prototype":{"polluted":1}}}]}'],
    ['a client', '/clients', '{"id":"a","__proto__":{"plan":"unlimited"}}'],
    ['a key', '/keys', '{"client":"acme","scopes":["predict"],"constructor":{"prototype":{}}}'],
    ['a definition', '/datasets/x', '{"features":[],"target":{"__proto__":{"polluted":1}}}'],
    ['a fit', '/models/x', '{"dataset":"flats","__proto__":{"polluted":1}}'],
  ])('is refused in %s', async (_what, url, text) => {
    const method = /datasets|models\/x/.test(url) ? 'PUT' : 'POST';
    expect(await json(url, text, method)).toMatchObject({ status: 400, code: 'invalid_json' });
    isClean();
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'is no column by being called %s',
    async (name) => {
      const csv = `area,city,since,rent,${name}\n1,Bern,2026-01-31,1,polluted\n`;
      // One that no feature has is left out.
      expect([201, 422]).toContain((await rows(csv)).status);
      const without = csv.replace('area', 'are');
      expect((await rows(without)).status).toBe(422);
      const record = `{"area":1,"city":"Bern","since":null,"rent":1,"${name}":{"polluted":1,"city":"Chur"}}`;
      expect([200, 201, 422]).toContain((await ndjson(record)).status);
      const inherited = `{"area":1,"since":null,"rent":1,"${name}":{"city":"Chur"}}`;
      expect((await ndjson(inherited)).status).toBe(422);
      isClean();
    },
  );

  it('can be that of a feature, and is then no more than a name', async () => {
    const names = ['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];
    const features = names.map((name) => ({ name, kind: 'number' }));
    const payload = JSON.stringify({ features, target: { name: 'rent' } });
    expect((await json('/datasets/named', payload, 'PUT')).status).toBe(201);
    const sent = await send({
      method: 'POST',
      url: '/datasets/named',
      payload: `${names},rent\n1,2,3,4,5,6\n`,
      headers: { 'content-type': 'text/csv' },
    });
    expect(sent.status).toBe(201);
    isClean();
  });

  it('is refused as the name of a feature, a target or a class: no request could have it', async () => {
    const definition = (name: string, target: string, classes: string[]) =>
      JSON.stringify({ features: [{ name, kind: 'number' }], target: { name: target, classes } });
    for (const [field, payload] of [
      ['/features/0/name', definition('__proto__', 'kind', ['a', 'b'])],
      ['/target/name', definition('area', '__proto__', ['a', 'b'])],
      ['/target/classes', definition('area', 'kind', ['a', '__proto__'])],
    ] as const)
      expect(await json('/datasets/refused', payload, 'PUT')).toMatchObject({
        status: 422,
        code: 'invalid_schema',
        detail: expect.stringContaining(field),
      });
    isClean();
  });
});

describe('JSON that is nested deep', () => {
  it.each([
    ['lists', nested(400_000)],
    ['objects', nested(100_000, '{"a":', '}')],
    ['in an instance', `{"instances":[{"carat":${nested(400_000)}}]}`],
    ['behind what is flat', `{"instances":[${'{"a":1},'.repeat(1000)}${nested(DEEPEST + 1)}]}`],
  ])('is refused: %s', async (_what, text) => {
    for (const url of [PREDICT, '/clients', '/models/diamonds/batch-predictions'])
      expect(await json(url, text)).toMatchObject({
        status: 400,
        code: 'invalid_json',
        detail: `the body is nested deeper than ${DEEPEST} levels`,
      });
  });

  it('without an end is refused', async () => {
    expect((await json(PREDICT, '['.repeat(900_000))).status).toBe(400);
  });

  it('is a bad row in newline-delimited JSON', async () => {
    for (const field of ['area', 'city', 'rent', 'other']) {
      const row = `{"${field}":${nested(50_000)}}`;
      const answer = await ndjson(row);
      expect(answer).toMatchObject({ status: 422, code: 'too_many_bad_rows' });
    }
  });

  it('and as deep as may be is looked at', async () => {
    const text = `{"instances":[{"carat":${nested(DEEPEST - 3)}, "cut":"${'x'.repeat(200)}"}]}`;
    expect(await json(PREDICT, text)).toMatchObject({ status: 422, code: 'invalid_instances' });
  });
});

describe('what is huge', () => {
  it.each([
    ['1e999'],
    ['-1e999'],
    ['9'.repeat(10_000)],
    [`-${'9'.repeat(300)}`],
    [`0.${'0'.repeat(10_000)}1`],
    ['1e-999'],
  ])('as a number is infinite or nothing, and refused: %#', async (number) => {
    const text = JSON.stringify({ instances: [{ ...DIAMOND, carat: 0 }] });
    const answer = await json(PREDICT, text.replace('"carat":0', `"carat":${number}`));
    expect(answer).toMatchObject({ status: 422, code: 'invalid_instances' });
  });

  it('as a text is not repeated', async () => {
    const instances = [{ ...DIAMOND, cut: 'x'.repeat(900_000) }];
    const answer = await json(PREDICT, JSON.stringify({ instances }));
    expect(answer.status).toBe(422);
    expect(answer.detail!.length).toBeLessThan(2000);
  });

  it('as a body is refused', async () => {
    const answer = await json(PREDICT, `{"instances":["${'x'.repeat(1_000_001)}"]}`);
    expect(answer).toMatchObject({ status: 413, code: 'payload_too_large' });
  });
});

describe('a bomb of rows', () => {
  const endless = (text: string, bytes: number) =>
    Readable.from(
      (function* () {
        const piece = Buffer.from(text.repeat(Math.ceil(MEGA / text.length)));
        for (let sent = 0; sent < bytes; sent += piece.length) yield piece;
      })(),
    );

  it('of a million columns is refused', async () => {
    const header = Array.from({ length: 1_000_000 }, (_, i) => `c${i}`).join(',');
    expect((await rows(`${header}\n${'1,'.repeat(999_999)}1\n`)).status).toBe(422);
    const wide = `area,city,since,rent\n${'1,'.repeat(1_000_000)}1\n`;
    expect(await rows(wide)).toMatchObject({ status: 422, code: 'too_many_bad_rows' });
  });

  it.each([
    ['a field', 'text/csv', 'area,city,since,rent\n1,', 'x'],
    ['a quoted field', 'text/csv', 'area,city,since,rent\n1,"', 'x\n'],
    ['a header', 'text/csv', '', 'x'],
    ['a line of JSON', 'application/x-ndjson', '{"area":"', 'x'],
    ['lists in lists', 'application/x-ndjson', '', '['],
  ])('of 100 MB in %s is refused before it is all there', async (_what, type, begin, text) => {
    let taken = 0;
    const source = endless(text, 100 * MEGA);
    const payload = Readable.from(
      (async function* () {
        yield Buffer.from(begin);
        for await (const piece of source) {
          taken += (piece as Buffer).length;
          yield piece as Buffer;
        }
      })(),
    );
    const { datasets } = await dependencies.datasets!();
    const appending = datasets.append('flats', type === 'text/csv' ? 'csv' : 'ndjson', payload);
    await expect(appending).rejects.toMatchObject({
      code: expect.stringMatching(/^(invalid_dataset|payload_too_large|too_many_bad_rows)$/),
    });
    expect(taken).toBeLessThan(40 * MEGA);
  });

  it('that is packed is unpacked no further than its limit', async () => {
    // 200 MiB in ten members of a file, which take a tenth of the time to pack.
    const packed = gzipSync('1,Bern,2026-01-31,1\n'.repeat(MEGA), { level: 9 });
    const bomb = Buffer.concat([gzipSync('area,city,since,rent\n'), ...Array(10).fill(packed)]);
    expect(bomb.length).toBeLessThan(MEGA);
    const before = process.memoryUsage().rss;
    const answer = await rows(bomb, 'text/csv', { 'content-encoding': 'gzip' });
    // The datasets of this test take 16 MiB.
    expect(answer).toMatchObject({ status: 413, code: 'payload_too_large' });
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * MEGA);
    const { totals } = await (await dependencies.datasets!()).datasets.describe('flats', {
      limit: 1,
    });
    expect(totals.bytes).toBeLessThan(MEGA);
  });
});

describe('a bomb of pixels', () => {
  const decoder = new SharpImageDecoder();
  const predict = (payload: Buffer) =>
    send({
      method: 'POST',
      url: '/models/digits/predictions',
      payload,
      headers: { 'content-type': 'image/png' },
    });
  /** It says that it is large; there is next to nothing in it. */
  const declared = (width: number, height: number) =>
    pngOf({ width, height, depth: 8, colour: 'grey', rows: [[0]] });

  it.each([
    [50_000, 50_000],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [1, 2 ** 31 - 1],
    [16_000_001, 1],
    [0, 0],
  ])('that says it has %i x %i is refused before it is decoded', async (width, height) => {
    expect(await predict(declared(width, height))).toMatchObject({ status: 422 });
  });

  it('that has them is refused, though it is small', async () => {
    const create = { width: 5000, height: 5000, channels: 3, background: 'white' } as const;
    const png = await sharp({ create }).png({ compressionLevel: 9 }).toBuffer();
    expect(png.length).toBeLessThan(MEGA);
    await expect(decoder.decode(png)).rejects.toThrow('too many pixels');
    expect((await predict(png)).status).toBe(422);
  });

  it('in an unknown profile or chunk is refused or left out', async () => {
    const zeros = gzipSync(Buffer.alloc(20 * MEGA));
    for (const type of ['iCCP', 'zTXt', 'iTXt', 'prVt', 'eXIf']) {
      const chunks = [chunk(type, Buffer.concat([Buffer.from('x\0\0'), zeros]))];
      const png = pngOf({
        width: 2,
        height: 1,
        depth: 8,
        colour: 'grey',
        rows: [[0, 255]],
        chunks,
      });
      const before = process.memoryUsage().rss;
      expect((await predict(png)).status).toBeLessThan(500);
      expect(process.memoryUsage().rss - before).toBeLessThan(60 * MEGA);
    }
  });
});

describe('JSON that costs more than its size suggests', () => {
  const keys = (count: number, prefix = 'k') =>
    `{${Array.from({ length: count }, (_, i) => `"${prefix}${i}":1`).join(',')}}`;
  const many = (count: number, of: (i: number) => string) =>
    `{"instances":[${Array.from({ length: count }, (_, i) => of(i)).join(',')}]}`;

  it.each([
    ['keys in an instance', `{"instances":[${keys(60_000)}]}`, /more than 10000 keys/],
    ['keys beside the instances', `{"instances":[1],${keys(60_000).slice(1)}`, /more than 10000/],
    ['keys of their own', many(900, (i) => keys(60, `k${i}_`)), /more than 20000 different keys/],
  ])('is refused before it is parsed: %s', async (_what, text, detail) => {
    expect(await json(PREDICT, text)).toMatchObject({
      status: 400,
      code: 'invalid_json',
      detail: expect.stringMatching(detail),
    });
  });

  it('is not looked through where the list is too long', async () => {
    expect(
      await json(
        PREDICT,
        many(400_000, () => '1'),
      ),
    ).toMatchObject({
      status: 400,
      code: 'invalid_request',
      detail: '/instances: must not have more than 1000 items',
    });
  });

  it('has its faults counted no further than they are listed', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: PREDICT,
      payload: { instances: Array(8).fill(JSON.parse(keys(9000))) },
      headers: { authorization: `Bearer ${key}` },
    });
    expect(answer.json().errors).toHaveLength(100);
    expect(answer.json().detail).toContain('(and at least 99 more)');
    expect(answer.body.length).toBeLessThan(50_000);
  });

  it('is taken when it is an ordinary large request', async () => {
    const strange = { ...DIAMOND, cut: '{"[[[":"\\\\"' };
    const answer = await json(
      PREDICT,
      many(1000, () => JSON.stringify(strange)),
    );
    expect(answer).toMatchObject({ status: 422, code: 'invalid_instances' });
    const good = await json(
      PREDICT,
      many(1000, () => JSON.stringify(DIAMOND)),
    );
    expect(good.status).toBe(200);
  });
});

describe('JSON that is not UTF-8', () => {
  it.each([
    ['by what it says', 'application/json; charset=klingon', 415, 'unsupported_charset'],
    ['by what it is', 'application/json; charset=UTF-8', 415, 'unsupported_charset'],
    ['of which nothing is said', 'application/json', 415, 'unsupported_charset'],
  ])('is refused: %s', async (_what, type, status, code) => {
    const payload = Buffer.from('{"instances":[{"cut":"caf\xe9"}]}', 'latin1');
    const headers = { 'content-type': type };
    expect(await send({ method: 'POST', url: PREDICT, payload, headers })).toMatchObject({
      status,
      code,
    });
  });
});
