import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { datasetsApp, FLATS, flats, sha256 } from '../support/datasets.js';
import { openFiles } from '../support/process.js';

const { app, remove, store } = datasetsApp({ bytes: 200_000 });
const api = supertest(app.server);
beforeAll(async () => {
  await app.ready();
});
afterAll(async () => {
  await app.close();
  remove();
});
beforeEach(async () => {
  await api.put('/datasets/flats').send(FLATS).expect(201);
});
afterEach(() => api.delete('/datasets/flats'));

const append = (body: string | Buffer, headers: Record<string, string> = {}) =>
  api
    .post('/datasets/flats')
    .set({ 'content-type': 'text/csv', ...headers })
    .send(body);
const problem = (status: number, code: string, detail: RegExp | string = '') => ({
  status,
  type: 'application/problem+json',
  body: { status, code, detail: expect.stringMatching(detail) },
});
/** That nothing of a batch stayed. */
const expectEmpty = async () =>
  expect((await api.get('/datasets/flats')).body.totals.batches).toBe(0);
const bad = (rows: number) =>
  `area,city,since,rent\n${Array.from({ length: rows }, () => 'wide,Rom,2026-01-31,1\n').join('')}`;
describe('a batch', () => {
  it('is appended once, described, and given back as it was sent', async () => {
    const text = flats(10);
    const { body, headers } = await append(text).expect(201);
    const checksum = sha256(text);
    expect(body).toEqual({
      id: checksum.slice(0, 16),
      format: 'csv',
      checksum,
      bytes: text.length,
      rows: 10,
      quarantined: 0,
      committedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(headers.location).toBe(`/datasets/flats/batches/${body.id}`);
    expect((await append(text).expect(200)).body).toEqual(body);
    expect((await api.get(headers.location!).expect(200)).body).toEqual(body);
    const content = await api.get(`${headers.location}/content`).expect(200);
    expect([content.text, content.type, content.headers.etag]).toEqual([
      text,
      'text/csv',
      `"${checksum}"`,
    ]);
    const open = openFiles();
    for (let i = 0; i < 20; i++)
      await api
        .get(`${headers.location}/content`)
        .set('if-none-match', `"${checksum}"`)
        .expect(304);
    expect(openFiles() - open).toBeLessThan(20);
    const { text: quarantine } = await api.get(`${headers.location}/quarantine`).expect(200);
    expect(quarantine).toBe('line,column,reason,row\n');
  });

  it('may be packed: it is the same batch', async () => {
    const text = flats(10);
    await append(gzipSync(text), { 'content-encoding': 'gzip' }).expect(201);
    await append(text).expect(200);
    await append(gzipSync(text, { level: 1 }), { 'content-encoding': 'GZIP' }).expect(200);
  });

  it('may be JSON, an object a line', async () => {
    const rows = [
      { area: 1, city: 'Bern', since: null, rent: 2, more: 'x' },
      { area: 'wide', city: 'Bern', since: '2026-01-31', rent: 2 },
      ...Array.from({ length: 18 }, () => ({ area: 3, city: 'Chur', since: null, rent: 4 })),
    ];
    const text = rows.map((row) => JSON.stringify(row)).join('\n');
    const type = { 'content-type': 'application/x-ndjson; charset=utf-8' };
    const { body } = await append(text, type).expect(201);
    expect(body).toMatchObject({ format: 'ndjson', rows: 19, quarantined: 1 });
    const path = `/datasets/flats/batches/${body.id}`;
    const content = await api.get(`${path}/content`).buffer(true);
    expect([content.type, content.text]).toEqual(['application/x-ndjson', text]);
    expect((await api.get(`${path}/quarantine`)).text).toMatch(
      /\n2,area,"must be a number, not ""wide""",/,
    );
  });

  it('comes page by page', async () => {
    for (const first of [0, 100, 200]) await append(flats(3, first)).expect(201);
    const { body } = await api.get('/datasets/flats?limit=2').expect(200);
    expect(body.totals).toMatchObject({ batches: 3, rows: 9 });
    expect(body.items).toHaveLength(2);
    const rest = await api.get(`/datasets/flats?limit=2&cursor=${body.next}`).expect(200);
    expect([rest.body.items.length, rest.body.next]).toEqual([1, undefined]);
  });

  it('has its bad rows in quarantine, with line, column and reason', async () => {
    const text = `${flats(30)}0,Bern,2026-01-31,1\n5,Bern\n5,Rom,never,1\n`;
    const { body } = await append(text).expect(201);
    expect(body).toMatchObject({ rows: 30, quarantined: 3 });
    const answer = await api.get(`/datasets/flats/batches/${body.id}/quarantine`).expect(200);
    expect(answer.type).toBe('text/csv');
    const lines = answer.text.trim().split('\n');
    expect(lines).toEqual([
      'line,column,reason,row',
      expect.stringMatching(/^32,area,.*must be .*"0,Bern,2026-01-31,1"$/),
      '33,,"expected 4 fields, got 2","5,Bern"',
      expect.stringMatching(/^34,city,"city: ""*Rom"*.*; since: .*"5,Rom,never,1"$/),
    ]);
  });

  it('is refused with too many bad rows, by the dataset or else the server', async () => {
    const text = flats(8) + bad(2).split('\n').slice(1).join('\n');
    const answer = await append(text);
    expect(answer).toMatchObject(
      problem(422, 'too_many_bad_rows', /^2 of 10 rows are bad, more than 10%: line 10, area:/),
    );
    expect(answer.body.errors.slice(0, 2)).toEqual([
      { instance: 10, field: 'area', code: 'wrong_type', message: expect.any(String) },
      expect.objectContaining({ instance: 10, field: 'city', allowed: ['Bern', 'Chur'] }),
    ]);
    await expectEmpty();
    await api.put('/datasets/flats').send({ ...FLATS, maximumBadShare: 0.2 });
    await append(text).expect(201);
    await api.put('/datasets/flats').send({ ...FLATS, maximumBadShare: 0 });
    const strict = await append(flats(99) + bad(1).split('\n')[1]);
    expect(strict).toMatchObject(
      problem(422, 'too_many_bad_rows', /^1 of 100 rows .*more than 0%/),
    );
  });

  it('reports the first faults, not all', async () => {
    const { body } = await append(bad(500)).expect(422);
    expect(body.errors).toHaveLength(20);
  });

  it.each<[string, string | Buffer, Record<string, string>, ReturnType<typeof problem>]>([
    ['nothing in it', '', {}, problem(422, 'invalid_dataset', 'the file is empty')],
    ['only a header', 'area,city,since,rent\n', {}, problem(422, 'invalid_dataset', 'no rows')],
    [
      'no JSON in it',
      '\n\n',
      { 'content-type': 'application/x-ndjson' },
      problem(422, 'invalid_dataset', 'no rows'),
    ],
    [
      'columns that are missing',
      'area,rent\n1,2\n',
      {},
      problem(422, 'invalid_dataset', /column not found: city, since; there are area, rent/),
    ],
    [
      'a quote that never ends',
      `${flats(3)}"1,2`,
      {},
      problem(422, 'invalid_dataset', /line 5: .*never closed/),
    ],
    [
      'another type',
      flats(3),
      { 'content-type': 'text/plain' },
      problem(415, 'unsupported_media_type', /text\/csv or application\/x-ndjson; .* text\/plain/),
    ],
    [
      'JSON',
      '[]',
      { 'content-type': 'application/json' },
      problem(415, 'unsupported_media_type', 'application/json'),
    ],
    [
      'another encoding',
      flats(3),
      { 'content-encoding': 'br' },
      problem(415, 'unsupported_media_type', 'br; the server accepts gzip'),
    ],
    [
      'gzip that is none',
      flats(3),
      { 'content-encoding': 'gzip' },
      problem(400, 'invalid_gzip', 'the gzip data is damaged'),
    ],
    [
      'half a gzip',
      gzipSync(flats(3000)).subarray(0, 3000),
      { 'content-encoding': 'gzip' },
      problem(400, 'invalid_gzip', 'data is incomplete'),
    ],
    ['too many bytes', flats(10_000), {}, problem(413, 'payload_too_large', '200000 bytes')],
    [
      'too many bytes, unpacked',
      gzipSync(flats(1_000_000)),
      { 'content-encoding': 'gzip' },
      problem(413, 'payload_too_large', 'unpacked'),
    ],
  ])('with %s is refused, and nothing of it stays', async (_what, body, headers, expected) => {
    expect(await append(body, headers)).toMatchObject(expected);
    await expectEmpty();
    // The connection and the server go on.
    await append(flats(1)).expect(201);
  });

  it('without a body or type is refused', async () => {
    const answer = await api.post('/datasets/flats');
    expect(answer).toMatchObject(problem(415, 'unsupported_media_type', 'none'));
  });

  it('of a dataset that is not there is refused', async () => {
    const answer = await api.post('/datasets/gems').type('text/csv').send(flats(1));
    expect(answer).toMatchObject(problem(404, 'dataset_not_found', '"gems"'));
  });

  it('that is not there is not found', async () => {
    for (const path of ['', '/content', '/quarantine'])
      for (const id of ['0123456789abcdef', '..%2f..', 'x'])
        expect(await api.get(`/datasets/flats/batches/${id}${path}`)).toMatchObject(
          problem(404, 'batch_not_found', 'has no batch'),
        );
    expect(await api.get('/datasets/gems/batches/x')).toMatchObject(
      problem(404, 'dataset_not_found'),
    );
  });

  it('whose connection breaks off is not there', async () => {
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as { port: number };
    const socket = connect(port, '127.0.0.1');
    const head = 'POST /datasets/flats HTTP/1.1\r\nhost: x\r\ncontent-type: text/csv\r\n';
    socket.write(`${head}content-length: 99999\r\n\r\n${flats(100)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expectEmpty();
  });
});

describe('many batches at once', () => {
  it('are all there', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => append(flats(5, 10 * i))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(201));
    const { body } = await api.get('/datasets/flats?limit=1000');
    expect(body.totals).toMatchObject({ batches: 100, rows: 500 });
    expect(new Set(body.items.map(({ id }: { id: string }) => id)).size).toBe(100);
  });

  it('are one when they are the same', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => append(flats(5))));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(99);
    expect(await store.readTotals('flats')).toMatchObject({ batches: 1, rows: 5 });
  });
});
