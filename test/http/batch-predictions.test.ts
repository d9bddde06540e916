import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv, type AnySchemaObject } from 'ajv';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import supertest from 'supertest';
import { uuidv7 } from '../../src/core/ids.js';
import { JobWorker } from '../../src/jobs/worker.js';
import { DIAMOND } from '../support/app.js';
import { batchPredictionsApp } from '../support/batch-predictions.js';
import { FLATS, flats, sha256 } from '../support/datasets.js';
import { openFiles } from '../support/process.js';

const world = await batchPredictionsApp({ bytes: 200_000 });
const { app, worker, jobs, store, directory } = world;
const api = supertest(app.server);
const PATH = '/models/diamonds/batch-predictions';

beforeAll(async () => {
  await app.ready();
});
afterAll(async () => {
  await app.close();
  await world.remove();
});

const DIAMONDS = Array.from({ length: 30 }, (_, i) => ({ ...DIAMOND, carat: 0.2 + i / 100 }));
const csvOf = (rows: readonly object[]) =>
  [Object.keys(rows[0]!), ...rows.map(Object.values)].map((row) => `${row.join()}\n`).join('');
const ndjsonOf = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');
const rowsOf = (text: string) => parse(text, { columns: true }) as Record<string, string>[];
const CSV = csvOf(DIAMONDS);

const submit = (body: string | Buffer, headers: Record<string, string> = {}, path = PATH) =>
  api
    .post(path)
    .set({ 'content-type': 'text/csv', ...headers })
    .send(body);
const problem = (status: number, code: string, detail: RegExp | string = '') => ({
  status,
  type: 'application/problem+json',
  body: { status, code, detail: expect.stringMatching(detail) },
});
/** What the API answers for single instances. */
const valuesOf = async (instances: readonly object[]) => {
  const { body } = await api.post('/models/diamonds/predictions').send({ instances }).expect(200);
  return (body.predictions as { value: number }[]).map(({ value }) => value);
};
const predictionsOf = (rows: readonly Record<string, string>[]) =>
  rows.map(({ prediction }) => Number(prediction));
/** Does the job of an answer. */
const done = async ({ body }: supertest.Response) => {
  await worker.run(body.id);
  return jobs.get(body.id);
};
/** The result of a job as it is, but for the ids of its predictions. */
const answersOf = async ({ id }: { id: string }) => {
  const { text } = await api.get(`${PATH}/${id}/result`).expect(200);
  expect(text).toMatch(/^.*,prediction_id\n/);
  return text.replace(/,[^,]+$/gm, '');
};
/** How many jobs have something kept, scratch too. */
const kept = () => readdirSync(join(directory, 'batch-predictions')).length;

describe('rows that are sent', () => {
  it('become a job, and its result has the line of each answer', async () => {
    const answer = await submit(CSV).expect(202);
    const { id } = answer.body;
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      kind: 'batch-prediction',
      model: 'diamonds',
      order: { input: { format: 'csv', checksum: sha256(CSV), bytes: CSV.length } },
      state: 'queued',
      attempts: 0,
      submittedAt: expect.any(String),
    });
    expect(answer.headers.location).toBe(`/jobs/${id}`);
    for (const what of ['result', 'rejects'])
      expect(await api.get(`${PATH}/${id}/${what}`)).toMatchObject(
        problem(409, 'job_not_finished', 'queued'),
      );

    const job = await done(answer);
    const links = { result: `${PATH}/${id}/result`, rejects: `${PATH}/${id}/rejects` };
    expect(job).toMatchObject({
      state: 'succeeded',
      metrics: { rows: 30, rejected: 0 },
      progress: { phase: 'predicting', fraction: 1 },
      result: { version: expect.stringMatching(/^[0-9a-f]{16}$/), rows: 30, rejected: 0, links },
    });
    const { links: _, ...facts } = job.result as object & { links: object };
    const concluded = world.conclusions.filter((each) => 'job' in each && each.job.id === id);
    expect(concluded).toMatchObject([{ role: 'batch', result: facts }]);
    const result = await api.get(links.result).expect(200);
    const { checksum, bytes } = job.result as { checksum: string; bytes: number };
    expect([sha256(result.text), result.text.length]).toEqual([checksum, bytes]);
    expect([result.type, result.headers['content-disposition']]).toEqual([
      'text/csv',
      `attachment; filename="diamonds-${id}.csv"`,
    ]);
    expect(result.headers.etag).toBe(`"${checksum}"`);
    const before = openFiles();
    for (let i = 0; i < 20; i++)
      await api.get(links.result).set('if-none-match', result.headers.etag!).expect(304);
    expect(openFiles() - before).toBeLessThan(20);
    const rows = rowsOf(result.text);
    expect(predictionsOf(rows)).toEqual(await valuesOf(DIAMONDS));
    expect(rows.map(({ line }) => line)).toEqual(DIAMONDS.map((_, i) => String(i + 2)));
    expect(rows.map(({ prediction, prediction_id, line, ...row }) => row)).toEqual(rowsOf(CSV));
    // The job's own id, but for the line: begun again, it has the same ids.
    expect(rows.map(({ prediction_id }) => prediction_id)).toEqual(
      DIAMONDS.map((_, i) => `${id.slice(0, 24)}${(i + 2).toString(16).padStart(12, '0')}`),
    );
    const rejects = await api.get(links.rejects).expect(200);
    expect(rejects.text).toBe('line,column,reason,row\n');
  });

  it('may be packed, or JSON, or be answered by a version that is named', async () => {
    const packed = await done(
      await submit(gzipSync(CSV), { 'content-encoding': 'gzip' }).expect(202),
    );
    const version = (packed.result as { version: string }).version;
    const named = await done(await submit(CSV, {}, `${PATH}?version=${version}`).expect(202));
    const wanted = await answersOf(packed);
    expect(await answersOf(named)).toBe(wanted);
    const log = async ({ id }: { id: string }) =>
      JSON.stringify((await api.get(`/jobs/${id}/log`).expect(200)).body);
    expect(await log(packed)).not.toContain('gzip');

    const wide = Buffer.from(`\ufeff${CSV}`, 'utf16le');
    for (const [body, type] of [
      [wide, 'text/csv'],
      [wide.subarray(2), 'text/csv; charset=utf-16le'],
      [gzipSync(wide), 'text/csv'],
    ] as const) {
      const decoded = await done(await submit(body, { 'content-type': type }).expect(202));
      expect(await answersOf(decoded)).toBe(wanted);
      if (type === 'text/csv')
        expect(await log(decoded)).toContain('it is read as utf-16le, by its first bytes');
    }

    const rows = [{ id: 'a,"b"', ...DIAMONDS[1] }, { ...DIAMONDS[2], note: 'x' }, DIAMONDS[3]];
    const json = await submit(ndjsonOf(rows), { 'content-type': 'application/x-ndjson' });
    await done(json);
    const { text } = await api.get(`${PATH}/${json.body.id}/result`).expect(200);
    expect(text.split('\n')[0]).toBe(`line,id,${Object.keys(DIAMOND)},prediction,prediction_id`);
    expect(rowsOf(text).map(({ id }) => id)).toEqual(['a,"b"', '', '']);
    expect(predictionsOf(rowsOf(text))).toEqual(await valuesOf(DIAMONDS.slice(1, 4)));
  });

  it('of classes are answered with the probability of each', async () => {
    const path = '/models/flights/batch-predictions';
    const [example] = (await world.registry.champion('flights')).version.examples;
    const answer = await submit(csvOf([example!.instance as object]), {}, path).expect(202);
    await done(answer);
    const [row] = rowsOf((await api.get(`${path}/${answer.body.id}/result`)).text);
    const { body } = await api
      .post('/models/flights/predictions')
      .send({ instances: [example!.instance] });
    const [{ label, probabilities }] = body.predictions;
    expect(row).toMatchObject({ line: '2', prediction: label });
    for (const [name, share] of Object.entries(probabilities))
      expect(Number(row![`probability_${name}`])).toBe(share);
  });

  it('may be images in base64, each refused by itself', async () => {
    const path = '/models/digits/batch-predictions';
    const [example] = (await world.registry.champion('digits')).version.examples;
    const [image] = Object.values(example!.instance) as number[][];
    const png = await sharp(Buffer.from(image!.flat()), {
      raw: { width: 28, height: 28, channels: 1 },
    })
      .png()
      .toBuffer();
    const rows = [
      { image: png.toString('base64') },
      { image: 'AAAA' },
      ...Array(10).fill({ image }),
    ];
    const answer = await submit(ndjsonOf(rows), { 'content-type': 'application/x-ndjson' }, path);
    expect(await done(answer)).toMatchObject({ metrics: { rows: 11, rejected: 1 } });
    const { text } = await api.get(`${path}/${answer.body.id}/result`).expect(200);
    const answers = rowsOf(text).map(({ line, prediction }) => [line, prediction]);
    const wanted = String(example!.target);
    expect(answers.slice(0, 2)).toEqual([
      ['1', wanted],
      ['3', wanted],
    ]);
    const { text: rejects } = await api.get(`${path}/${answer.body.id}/rejects`);
    expect(rowsOf(rejects)).toMatchObject([{ line: '2', column: 'image' }]);
  });

  it('keep ids of any length, and say which fields have no column', async () => {
    const one = JSON.stringify(DIAMOND);
    const withId = one.replace(
      '{',
      '{"id": -12345678901234567890, "note": "x: 12345678901234567890\\"", ',
    );
    const other = one.replace('{', '{"more": 1, "id": 1e300, "more": 2, ');
    const answer = await submit(`${withId}\n${other}\n${other}\n`, {
      'content-type': 'application/x-ndjson',
    });
    const { id } = await done(answer);
    const rows = rowsOf((await api.get(`${PATH}/${id}/result`).expect(200)).text);
    expect(rows.map((row) => [row.id, row.note])).toEqual([
      ['-12345678901234567890', 'x: 12345678901234567890"'],
      ['1e+300', ''],
      ['1e+300', ''],
    ]);
    const log = JSON.stringify((await api.get(`/jobs/${id}/log`).expect(200)).body);
    expect(log.match(/is in line 2, but not in the first object: it is left out/g)).toHaveLength(1);
  });

  it('that are bad are listed with line, column and reason', async () => {
    const text = `${CSV}x,Ideal,E,SI2,61.5,55,3.95,3.98,2.43\n1,2\n`;
    const answer = await submit(text).expect(202);
    expect(await done(answer)).toMatchObject({ metrics: { rows: 30, rejected: 2 } });
    const { text: rejects } = await api.get(`${PATH}/${answer.body.id}/rejects`);
    expect(rowsOf(rejects)).toEqual([
      {
        line: '32',
        column: 'carat',
        reason: 'must be a number, not "x"',
        row: 'x,Ideal,E,SI2,61.5,55,3.95,3.98,2.43',
      },
      { line: '33', column: '', reason: 'expected 9 fields, got 2', row: '1,2' },
    ]);
    const json = ndjsonOf([...DIAMONDS, { carat: 'x' }, 7]);
    const same = await submit(`${json}\n{`, { 'content-type': 'application/x-ndjson' });
    expect(await done(same)).toMatchObject({ metrics: { rows: 30, rejected: 3 } });
    const told = rowsOf((await api.get(`${PATH}/${same.body.id}/rejects`)).text);
    expect(told.map(({ line, row }) => [line, row])).toEqual([
      ['31', '{"carat":"x"}'],
      ['32', '7'],
      ['33', '{'],
    ]);
  });

  it('of which too many are bad fail the job', async () => {
    const answer = await submit(`${csvOf(DIAMONDS.slice(0, 8))}1\n2\n`).expect(202);
    expect(await done(answer)).toMatchObject({
      state: 'failed',
      error: {
        code: 'too_many_bad_rows',
        detail: expect.stringMatching(/^2 of 10 .*more than 10%/),
      },
    });
    for (const what of ['result', 'rejects'])
      expect(await api.get(`${PATH}/${answer.body.id}/${what}`)).toMatchObject(
        problem(404, 'result_not_found', /the job failed: 2 of 10 rows are bad/),
      );
  });

  it.each<[string, string | Buffer, Record<string, string>, string, ReturnType<typeof problem>]>([
    ['for no model', CSV, {}, '/models/rubies/batch-predictions', problem(404, 'model_not_found')],
    ['for no version', CSV, {}, `${PATH}?version=x`, problem(404, 'version_not_found')],
    ['with another question', CSV, {}, `${PATH}?versoin=x`, problem(400, 'invalid_request')],
    [
      'without a column',
      'carat,cut\n1,Ideal\n',
      {},
      PATH,
      problem(422, 'invalid_dataset', /column not found: color, clarity, .*there are carat, cut/),
    ],
    ['without anything', '', {}, PATH, problem(422, 'invalid_dataset', 'the file is empty')],
    [
      'of blank lines',
      ' \r\n\n\t\n',
      { 'content-type': 'application/x-ndjson' },
      PATH,
      problem(422, 'invalid_dataset', 'the body has no rows'),
    ],
    [
      'without anything, as JSON',
      '',
      { 'content-type': 'application/x-ndjson' },
      PATH,
      problem(422, 'invalid_dataset', 'the body has no rows'),
    ],
    [
      'that are too many',
      gzipSync(CSV + CSV.repeat(200)),
      { 'content-encoding': 'gzip' },
      PATH,
      problem(413, 'payload_too_large', '200000 bytes'),
    ],
    [
      'that are no gzip',
      CSV,
      { 'content-encoding': 'gzip' },
      PATH,
      problem(400, 'invalid_gzip', 'the gzip data is damaged'),
    ],
    [
      'of another type',
      CSV,
      { 'content-type': 'text/plain' },
      PATH,
      problem(415, 'unsupported_media_type', 'text/plain'),
    ],
    [
      'that are an image',
      CSV,
      { 'content-type': 'image/png' },
      PATH,
      problem(415, 'unsupported_media_type', 'image/png'),
    ],
    [
      'of pictures in CSV',
      CSV,
      {},
      '/models/digits/batch-predictions',
      problem(422, 'invalid_dataset'),
    ],
  ])('%s are refused, and nothing of them stays', async (_what, body, headers, path, expected) => {
    const before = [kept(), (await jobs.listOpen()).length];
    expect(await submit(body, headers, path)).toMatchObject(expected);
    expect([kept(), (await jobs.listOpen()).length]).toEqual(before);
    await submit(CSV).expect(202);
  });
});

describe('a dataset', () => {
  const send = (body: object, headers: Record<string, string> = {}) =>
    api.post(PATH).set(headers).send(body);
  beforeAll(async () => {
    const { spec } = (await world.registry.champion('diamonds')).version;
    const { features, target } = spec;
    await api.put('/datasets/gems').send({ features, target }).expect(201);
  });
  const append = (rows: readonly object[]) =>
    api
      .post('/datasets/gems')
      .type('text/csv')
      .send(csvOf(rows.map((row) => ({ ...row, price: 1 }))))
      .expect(201);

  it('without rows is refused', async () => {
    expect(await send({ dataset: 'gems' })).toMatchObject(
      problem(422, 'invalid_dataset', '"gems" has no rows'),
    );
  });

  it('is predicted as it was when that was asked for', async () => {
    await append(DIAMONDS.slice(0, 10));
    await append(DIAMONDS.slice(10, 15));
    const answer = await send({ dataset: 'gems' }, { 'idempotency-key': 'gems' }).expect(202);
    await append(DIAMONDS.slice(15));
    const again = await send({ dataset: 'gems' }, { 'idempotency-key': 'gems' }).expect(202);
    expect(again.body).toEqual(answer.body);
    expect(await done(answer)).toMatchObject({ state: 'succeeded', progress: { fraction: 1 } });
    const rows = rowsOf((await api.get(`${PATH}/${answer.body.id}/result`)).text);
    expect(predictionsOf(rows)).toEqual(await valuesOf(DIAMONDS.slice(0, 15)));
    expect(rows[14]).toMatchObject({ line: '16', price: '1' });
  });

  it('that was removed meanwhile fails the job', async () => {
    await api.put('/datasets/brief').send(await definitionOf('gems'));
    const csv = csvOf([{ ...DIAMOND, price: 1 }]);
    await api.post('/datasets/brief').type('text/csv').send(csv).expect(201);
    const answer = await send({ dataset: 'brief' }).expect(202);
    await api.delete('/datasets/brief').expect(204);
    expect(await done(answer)).toMatchObject({ error: { code: 'dataset_not_found' } });
    const other = await send({ dataset: 'gems' }).expect(202);
    const definition = await definitionOf('gems');
    await api.delete('/datasets/gems').expect(204);
    await api.put('/datasets/gems').send(definition).expect(201);
    expect(await done(other)).toMatchObject({ error: { code: 'batch_not_found' } });
  });

  it('that is not there, or has other columns, is refused', async () => {
    expect(await send({ dataset: 'rubies' })).toMatchObject(problem(404, 'dataset_not_found'));
    await api.put('/datasets/flats').send(FLATS).expect(201);
    await api.post('/datasets/flats').type('text/csv').send(flats(1)).expect(201);
    expect(await send({ dataset: 'flats' })).toMatchObject(
      problem(422, 'invalid_dataset', /lacks carat, .*; its columns are area, city, since, rent/),
    );
    for (const body of [{}, { dataset: 7 }, { dataset: 'flats', more: 1 }])
      expect(await send(body)).toMatchObject(problem(400, 'invalid_request'));
  });

  const definitionOf = async (dataset: string) => {
    const { features, target } = (await api.get(`/datasets/${dataset}`)).body;
    return { features, target };
  };
});

describe('a request with an Idempotency-Key', () => {
  const headers = { 'idempotency-key': '"8e03978e"' };

  it('is one job however often it is sent, and before and after that is done', async () => {
    const first = await submit(CSV, headers).expect(202);
    const before = kept();
    const again = await Promise.all(Array.from({ length: 5 }, () => submit(CSV, headers)));
    expect(again.map(({ status, body }) => [status, body.id])).toEqual(
      Array(5).fill([202, first.body.id]),
    );
    expect(kept()).toBe(before);
    await done(first);
    const later = await submit(gzipSync(CSV), { ...headers, 'content-encoding': 'gzip' });
    expect(later.body).toMatchObject({ id: first.body.id, state: 'succeeded' });
  });

  it('is refused with another body or version; other models have keys of their own', async () => {
    const mismatch = problem(422, 'idempotency_mismatch', '8e03978e');
    expect(await submit(csvOf(DIAMONDS.slice(1)), headers)).toMatchObject(mismatch);
    const { id } = (await world.registry.champion('diamonds')).version;
    expect(await submit(CSV, headers, `${PATH}?version=${id}`)).toMatchObject(mismatch);
    await submit(CSV, headers).expect(202);
  });

  it('is one of several different ones that are sent at once', async () => {
    const key = { 'idempotency-key': uuidv7() };
    const answers = await Promise.all(
      [0, 1, 2, 3].map((first) => submit(csvOf(DIAMONDS.slice(first)), key)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 422, 422, 422]);
  });

  it('may be sent again when the job was not kept any more', async () => {
    const key = { 'idempotency-key': uuidv7() };
    const failing = withoutJobs(() => submit(CSV, key));
    expect((await failing()).status).toBe(500);
    await submit(CSV, key).expect(202);
    expect(await submit(csvOf(DIAMONDS.slice(1)), key)).toMatchObject(
      problem(422, 'idempotency_mismatch'),
    );
  });

  it('must have one', async () => {
    expect(await submit(CSV, { 'idempotency-key': 'x'.repeat(256) })).toMatchObject(
      problem(400, 'invalid_request'),
    );
  });

  /** Lets the store of jobs fail once. */
  function withoutJobs<Answer>(ask: () => PromiseLike<Answer>): () => Promise<Answer> {
    return async () => {
      const { createOnce } = world.jobStore;
      world.jobStore.createOnce = () => Promise.reject(new Error('the disk is full'));
      try {
        return await ask();
      } finally {
        world.jobStore.createOnce = createOnce;
      }
    };
  }
});

describe('a result', () => {
  it('is not found for what is no batch prediction of the model', async () => {
    const { body } = await submit(CSV).expect(202);
    for (const url of [
      `${PATH}/${uuidv7()}/result`,
      `${PATH}/x/rejects`,
      `/models/flights/batch-predictions/${body.id}/result`,
    ])
      expect(await api.get(url)).toMatchObject(problem(404, 'job_not_found'));
  });

  it('is removed by a sweep, and so are rows without a prediction', async () => {
    const waiting = await submit(CSV).expect(202);
    const answer = await submit(CSV).expect(202);
    await done(answer);
    const url = `${PATH}/${answer.body.id}/result`;
    const sweep = async (before: number) => {
      for (const job of await world.service.stored())
        await world.service.sweep(job, new Date(before));
    };
    await sweep(Date.now() - 60_000);
    await api.get(url).expect(200);
    await sweep(Date.now() + 60_000);
    expect(await api.get(url)).toMatchObject(problem(404, 'result_not_found', 'was removed'));
    expect(await done(waiting)).toMatchObject({ error: { code: 'input_not_found' } });
  });

  it('matches the document', async () => {
    const { body: document } = await api.get('/openapi.json').expect(200);
    const path = '/models/{model}/batch-predictions';
    const { post } = document.paths[path];
    expect(Object.keys(post.requestBody.content).sort()).toEqual([
      'application/json',
      'application/x-ndjson',
      'text/csv',
    ]);
    const names = post.parameters.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['model', 'version', 'idempotency-key']));
    const ajv = new Ajv({ strict: false });
    const validate = ajv.compile(
      post.responses[202].content['application/json'].schema as AnySchemaObject,
    );
    const key = { 'idempotency-key': uuidv7() };
    const answer = await submit(CSV, key).expect(202);
    expect([validate(answer.body), validate.errors]).toEqual([true, null]);
    await done(answer);
    const ended = await submit(CSV, key).expect(202);
    expect([validate(ended.body), validate.errors]).toEqual([true, null]);
    for (const what of ['result', 'rejects'])
      expect(document.paths[`${path}/{job}/${what}`].get.responses).toHaveProperty('200');
  });
});

describe('a job', () => {
  it('that is cancelled while it runs leaves no result', async () => {
    const answer = await submit(CSV).expect(202);
    const { id } = answer.body;
    const putting = store.putResultOnce.bind(store);
    store.putResultOnce = (job, write) =>
      putting(job, (draft) =>
        write({
          ...draft,
          async writeContent(bytes) {
            await draft.writeContent(bytes);
            await jobs.cancel(job);
            // The next heartbeat hears of it.
            await new Promise((resolve) => setTimeout(resolve, 100));
          },
        }),
      );
    try {
      const options = { leaseMs: 60, maxAttempts: 1 };
      await new JobWorker(world.jobStore, world.handlers, options).run(id);
    } finally {
      store.putResultOnce = putting;
    }
    expect(await jobs.get(id)).toMatchObject({ state: 'cancelled' });
    expect(await store.openResult(id)).toBeUndefined();
    // Its input, and the directory that this names.
    const left = readdirSync(join(directory, 'batch-predictions', id)).sort();
    expect(left).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), 'input.json']);
    expect(await api.get(`${PATH}/${id}/result`)).toMatchObject(
      problem(404, 'result_not_found', 'was cancelled'),
    );
  });

  it('that is begun again after its result was put has that result', async () => {
    const answer = await submit(CSV).expect(202);
    const job = await jobs.get(answer.body.id);
    const told: string[] = [];
    const context = {
      signal: new AbortController().signal,
      progress: () => {},
      metrics: () => {},
      log: (message: string) => told.push(message),
    };
    const first = await world.handlers['batch-prediction']!(job, context);
    expect(await world.handlers['batch-prediction']!(job, context)).toEqual(first);
    expect(told.at(-1)).toBe('the result was stored before');
  });

  it('whose signal aborts stops before all is read', async () => {
    const answer = await submit(CSV).expect(202);
    const job = await jobs.get(answer.body.id);
    const context = {
      signal: AbortSignal.abort('cancelled'),
      progress: () => {},
      metrics: () => {},
      log: () => {},
    };
    await expect(world.handlers['batch-prediction']!(job, context)).rejects.toBe('cancelled');
    expect(await store.openResult(job.id)).toBeUndefined();
    expect(await done(answer)).toMatchObject({ state: 'succeeded' });
  });
});
