import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { datasetsApp, FLATS, flats, sha256 } from '../support/datasets.js';

const PART_BYTES = 10_000;
const { app, remove, uploads, uploadStore } = datasetsApp({
  partBytes: PART_BYTES,
  bytes: 100_000,
});
const api = supertest(app.server);
const ROOT = '/datasets/flats/uploads';
const MISSING = '01a1fd76-bc21-7c67-af9e-6816139a2938';
beforeAll(async () => {
  await app.ready();
  await api.put('/datasets/flats').send(FLATS).expect(201);
});
afterAll(async () => {
  await app.close();
  remove();
});

const start = async (body?: object): Promise<string> => {
  const answer = await (body ? api.post(ROOT).send(body) : api.post(ROOT));
  expect(answer.status).toBe(201);
  return answer.headers.location!;
};
const digest = (bytes: string | Buffer) =>
  `sha-256=:${Buffer.from(sha256(bytes), 'hex').toString('base64')}:`;
const putPart = (path: string, number: number | string, bytes: string | Buffer, headers = {}) =>
  api
    .put(`${path}/parts/${number}`)
    .set({
      'content-type': 'application/octet-stream',
      'content-digest': digest(bytes),
      ...headers,
    })
    .send(bytes);
const split = (text: string | Buffer, size = PART_BYTES) => {
  const bytes = Buffer.from(text as string);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
};
const named = (parts: readonly (string | Buffer)[]) => ({
  parts: parts.map((part, i) => ({ number: i + 1, checksum: sha256(part) })),
});
const problem = (status: number, code: string, detail: RegExp | string = '') => ({
  status,
  type: 'application/problem+json',
  body: { code, detail: expect.stringMatching(detail) },
});

describe('an upload in parts', () => {
  it('becomes one batch, whatever the order of its parts', async () => {
    const text = flats(1000);
    const parts = split(text);
    expect(parts.length).toBeGreaterThan(2);
    const path = await start();
    for (const number of parts.map((_, i) => parts.length - i))
      await putPart(path, number, parts[number - 1]!).expect(200, {
        number,
        checksum: sha256(parts[number - 1]!),
        bytes: parts[number - 1]!.length,
      });
    const done = await api.post(`${path}/complete`).send(named(parts));
    expect([done.status, done.body]).toEqual([
      201,
      expect.objectContaining({ checksum: sha256(text), rows: 1000, bytes: text.length }),
    ]);
    expect(done.headers.location).toBe(`/datasets/flats/batches/${done.body.id}`);
    // Asked again, as after an answer that was lost.
    const again = await api.post(`${path}/complete`).send(named(parts)).expect(200);
    expect(again.body).toEqual(done.body);
    const { body } = await api.get(path).expect(200);
    expect(body).toMatchObject({ parts: [], batch: done.body.id });
    expect(await putPart(path, 1, 'late')).toMatchObject(problem(409, 'upload_incomplete'));
  });

  it('reports how to continue', async () => {
    const { body } = await api.post(ROOT).send({ format: 'ndjson' }).expect(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      format: 'ndjson',
      expiresAt: expect.any(String),
      partBytes: PART_BYTES,
      maxParts: 10_000,
      parts: [],
    });
    expect(Date.parse(body.expiresAt)).toBeGreaterThan(Date.now() + 3_000_000);
    const path = `${ROOT}/${body.id}`;
    await putPart(path, 2, 'two');
    await putPart(path, 1, 'one');
    const state = await api.get(path).expect(200);
    expect(state.body).toEqual({
      ...body,
      parts: [
        { number: 1, checksum: sha256('one'), bytes: 3 },
        { number: 2, checksum: sha256('two'), bytes: 3 },
      ],
    });
  });

  it('takes a part again, and another in its place', async () => {
    const path = await start();
    for (const content of ['one', 'one', 'other', 'one', 'last', 'last'])
      await putPart(path, 1, content).expect(200);
    const { body } = await api.get(path);
    expect(body.parts).toEqual([{ number: 1, checksum: sha256('last'), bytes: 4 }]);
  });

  it('takes a part from many at once, and has one of theirs', async () => {
    const path = await start();
    const contents = Array.from({ length: 20 }, (_, i) => `content ${i}`);
    const answers = await Promise.all(contents.map((content) => putPart(path, 1, content)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const { body } = await api.get(path);
    expect(body.parts).toHaveLength(1);
    expect(contents.map(sha256)).toContain(body.parts[0].checksum);
  });

  it('may be packed, and of JSON', async () => {
    const rows = Array.from({ length: 1500 }, (_, i) =>
      JSON.stringify({ area: i + 1, city: 'Chur', since: null, rent: i }),
    );
    const parts = split(gzipSync(rows.join('\n')), 1000);
    const path = await start({ format: 'ndjson', compression: 'gzip' });
    for (const [i, part] of parts.entries()) await putPart(path, i + 1, part).expect(200);
    const { body } = await api.post(`${path}/complete`).send(named(parts)).expect(201);
    expect(body).toMatchObject({ rows: 1500, format: 'ndjson', checksum: sha256(rows.join('\n')) });
  });

  it('is completed once by many at once', async () => {
    const text = flats(500, 7000);
    const parts = split(text);
    const path = await start();
    for (const [i, part] of parts.entries()) await putPart(path, i + 1, part).expect(200);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api.post(`${path}/complete`).send(named(parts))),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(9).fill(200), 201]);
    expect(new Set(answers.map(({ body }) => body.checksum))).toEqual(new Set([sha256(text)]));
  });

  it('stays when its rows are refused, so that a part can be mended', async () => {
    const path = await start();
    const text = `area,city,since,rent\n${'wide,Bern,,1\n'.repeat(20)}`;
    await putPart(path, 1, text).expect(200);
    const refused = await api.post(`${path}/complete`).send(named([text]));
    expect(refused).toMatchObject(problem(422, 'too_many_bad_rows', /^20 of 20/));
    const mended = text.replaceAll('wide', '4321');
    await putPart(path, 1, mended).expect(200);
    await api
      .post(`${path}/complete`)
      .send(named([mended]))
      .expect(201);
  });

  it('is forgotten when it is aborted', async () => {
    const path = await start();
    await putPart(path, 1, 'one').expect(200);
    await api.delete(path).expect(204);
    expect(await api.get(path)).toMatchObject(problem(404, 'upload_not_found'));
    expect(await api.delete(path)).toMatchObject(problem(404, 'upload_not_found'));
    expect(await putPart(path, 1, 'one')).toMatchObject(problem(404, 'upload_not_found'));
  });

  it('expires, and is swept after that', async () => {
    const id = (await start()).split('/').at(-1)!;
    const expired = new Date(Date.now() - 1000).toISOString();
    await uploadStore.start('flats', { id: MISSING, format: 'csv', expiresAt: expired });
    expect(await api.get(`${ROOT}/${MISSING}`)).toMatchObject(
      problem(404, 'upload_not_found', 'expired at'),
    );
    for (const upload of await uploads.list())
      await uploads.sweep(upload.dataset, upload.id, new Date());
    expect(await uploadStore.read('flats', MISSING)).toBeUndefined();
    expect(await uploadStore.read('flats', id)).toBeDefined();
  });
});

describe('a part', () => {
  it.each<[string, number | string, string, object, ReturnType<typeof problem>]>([
    [
      'of other bytes than its checksum says',
      1,
      'one',
      { 'content-digest': digest('two') },
      problem(422, 'checksum_mismatch', 'the 3 bytes received'),
    ],
    [
      'without a checksum',
      1,
      'one',
      { 'content-digest': '' },
      problem(400, 'invalid_request', 'Content-Digest'),
    ],
    [
      'with a checksum of another kind',
      1,
      'one',
      { 'content-digest': 'md5=:abc=:' },
      problem(400, 'invalid_request', 'Content-Digest'),
    ],
    ['that is too large', 1, 'x'.repeat(PART_BYTES + 1), {}, problem(413, 'payload_too_large')],
    ['number 0', 0, 'one', {}, problem(400, 'invalid_request', 'from 1 to 10000')],
    ['number 10001', 10_001, 'one', {}, problem(400, 'invalid_request', 'from 1 to 10000')],
    ['of no number', 'first', 'one', {}, problem(400, 'invalid_request', 'from 1 to 10000')],
    [
      'in a coding that is not taken',
      1,
      'one',
      { 'content-encoding': 'br' },
      problem(415, 'unsupported_media_type', 'identity'),
    ],
  ])('%s is refused', async (_what, number, bytes, headers, expected) => {
    const path = await start();
    expect(await putPart(path, number, bytes, headers)).toMatchObject(expected);
    expect((await api.get(path)).body.parts).toEqual([]);
  });

  it('may have its checksum in hexadecimal, or beside others, and any type', async () => {
    const path = await start();
    const plain = { 'content-digest': '', 'x-checksum-sha256': sha256('one') };
    await putPart(path, 1, 'one', plain).expect(200);
    const several = { 'content-digest': `md5=:abc=:, ${digest('two')}` };
    await putPart(path, 2, 'two', { ...several, 'content-type': 'text/csv' }).expect(200);
  });

  it('is refused when all together would be too large', async () => {
    const path = await start();
    for (let number = 1; number <= 10; number++)
      await putPart(path, number, String(number).padEnd(PART_BYTES)).expect(200);
    expect(await putPart(path, 11, 'x')).toMatchObject(problem(413, 'payload_too_large'));
    await putPart(path, 10, 'x').expect(200);
    await putPart(path, 11, 'x').expect(200);
  });

  it('of an upload or dataset that is not there is refused', async () => {
    for (const path of [`${ROOT}/${MISSING}`, `${ROOT}/..%2f..`, `/datasets/x/uploads/${MISSING}`])
      expect(await putPart(path, 1, 'one')).toMatchObject(problem(404, 'upload_not_found'));
    expect(await api.post('/datasets/x/uploads')).toMatchObject(problem(404, 'dataset_not_found'));
  });
});

describe('completing', () => {
  const check = (text: string) => ({ checksum: sha256(text) });
  it.each([
    ['a part that is not there', [check('one'), check('two'), check('3')], /part 3 is missing/],
    ['another checksum', [check('one'), check('other')], /part 2 has SHA-256/],
    ['too few', [check('one')], /part 2 was received but is not listed/],
  ])('with %s is refused', async (_what, parts, detail) => {
    const path = await start();
    await putPart(path, 1, 'one');
    await putPart(path, 2, 'two');
    const body = { parts: parts.map((part, i) => ({ number: i + 1, ...part })) };
    expect(await api.post(`${path}/complete`).send(body)).toMatchObject(
      problem(409, 'upload_incomplete', detail),
    );
  });

  it('with a gap or another order is refused', async () => {
    const path = await start();
    await putPart(path, 1, 'one');
    await putPart(path, 3, 'three');
    const one = { number: 1, ...check('one') };
    const three = { number: 3, ...check('three') };
    for (const parts of [
      [one, three],
      [three, one],
    ])
      expect(await api.post(`${path}/complete`).send({ parts })).toMatchObject(
        problem(409, 'upload_incomplete', /part 3 is listed in place of part [12]/),
      );
  });

  it.each([[{}], [{ parts: [] }], [{ parts: [{ number: 1 }] }], [{ parts: [1] }]])(
    'with %j is refused',
    async (body) => {
      const path = await start();
      expect(await api.post(`${path}/complete`).send(body)).toMatchObject(
        problem(400, 'invalid_request'),
      );
    },
  );

  it.each([[{ format: 'xml' }], [{ compression: 'zip' }], [{ size: 1 }]])(
    'is not begun with %j',
    async (body) => {
      expect(await api.post(ROOT).send(body)).toMatchObject(problem(400, 'invalid_request'));
    },
  );
});
