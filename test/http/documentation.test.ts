import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Ajv, type AnySchemaObject } from 'ajv';
import supertest from 'supertest';
import { exampleInstance } from '../../src/http/docs/examples.js';
import { DIAMOND, testApp } from '../support/app.js';
import { FLATS, flats, newDatasets } from '../support/datasets.js';
import { newJobs } from '../support/jobs.js';

interface Operation {
  operationId: string;
  tags: string[];
  parameters?: {
    name: string;
    in: string;
    required?: boolean;
    schema: AnySchemaObject;
    example?: string;
  }[];
  requestBody?: { content: Record<string, { schema: AnySchemaObject; example?: unknown }> };
  responses: Record<string, { content?: Record<string, { schema: AnySchemaObject }> }>;
}
type Document = {
  openapi: string;
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
};

const datasets = newDatasets();
const jobs = await newJobs();
const { app, registry } = testApp({
  datasets: async () => datasets,
  jobs: async () => jobs.service,
});
const FLIGHTS = (await registry.champion('flights')).version.id;
const ajv = new Ajv({ strict: false, allErrors: true, formats: { 'date-time': true } });
let document: Document;

beforeAll(async () => {
  await app.ready();
  document = (await supertest(app.server).get('/openapi.json').expect(200)).body;
});
afterAll(async () => {
  await app.close();
  datasets.remove();
  await jobs.remove();
});

const answerSchema = (path: string, method: string, status: number, type = 'application/json') =>
  document.paths[path]![method]!.responses[status]!.content![type]!.schema;

describe('/openapi.json', () => {
  it('documents every route, and each model by itself', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toEqual([
      '/datasets',
      '/datasets/{dataset}',
      '/datasets/{dataset}/batches/{batch}',
      '/datasets/{dataset}/batches/{batch}/content',
      '/datasets/{dataset}/batches/{batch}/quarantine',
      '/datasets/{dataset}/uploads',
      '/datasets/{dataset}/uploads/{upload}',
      '/datasets/{dataset}/uploads/{upload}/complete',
      '/datasets/{dataset}/uploads/{upload}/parts/{part}',
      '/health/live',
      '/health/ready',
      '/jobs',
      '/jobs/{job}',
      '/jobs/{job}/cancel',
      '/jobs/{job}/log',
      '/models',
      '/models/diamonds/predictions',
      '/models/digits/predictions',
      '/models/flights/predictions',
      '/models/{model}',
      '/models/{model}/aliases',
      '/models/{model}/aliases/{alias}',
      '/models/{model}/aliases/{alias}/rollback',
      '/models/{model}/predictions',
      '/models/{model}/versions',
      '/models/{model}/versions/{a}/compare/{b}',
      '/models/{model}/versions/{version}',
    ]);
  });

  it('holds only valid schemas, and no operation id twice', () => {
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const schemas = operations.flatMap(({ requestBody, responses }) => [
      ...Object.values(requestBody?.content ?? {}),
      ...Object.values(responses).flatMap(({ content }) => Object.values(content ?? {})),
    ]);
    expect(schemas.length).toBeGreaterThan(10);
    for (const { schema } of schemas) expect(ajv.validateSchema(schema)).toBe(true);
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('documents refusals before the handler, and 304', () => {
    const { get, put, delete: remove } = document.paths['/datasets/{dataset}']!;
    const problem = { 'application/problem+json': expect.anything() };
    for (const status of [400, 403, 413, 414, 415]) {
      expect(put!.responses[status]).toMatchObject({ content: problem });
      expect(remove!.responses[status]).toMatchObject({ content: problem });
    }
    expect(Object.keys(get!.responses)).toEqual(expect.arrayContaining(['304', '400', '414']));
    expect(get!.responses[304]!.content).toBeUndefined();
    expect(document.paths['/health/live']!.get!.responses).not.toHaveProperty('400');
  });

  it.each([
    ['/health/live', 'get', '/health/live', 200],
    ['/health/ready', 'get', '/health/ready', 200],
    ['/models', 'get', '/models', 200],
    ['/models/{model}', 'get', '/models/diamonds', 200],
    ['/models/{model}', 'get', '/models/digits', 200],
    ['/models/{model}', 'get', '/models/flights', 200],
    ['/models/{model}', 'get', '/models/rubies', 404],
    ['/models/{model}/versions', 'get', '/models/digits/versions', 200],
    ['/models/{model}/versions', 'get', '/models/digits/versions?limit=0', 400],
    ['/models/{model}/versions/{version}', 'get', `/models/flights/versions/${FLIGHTS}`, 200],
    ['/models/{model}/aliases', 'get', '/models/diamonds/aliases', 200],
    [
      '/models/{model}/versions/{a}/compare/{b}',
      'get',
      '/models/digits/versions/champion/compare/champion',
      200,
    ],
  ])('describes what %s answers to %s %s with %s', async (path, method, url, status) => {
    const { body, type } = await supertest(app.server).get(url).expect(status);
    const validate = ajv.compile(answerSchema(path, method, status, type));
    expect([validate(body), validate.errors]).toEqual([true, null]);
  });

  const expectDescribed = (path: string, method: string, answer: supertest.Response) => {
    const validate = ajv.compile(answerSchema(path, method, answer.status, answer.type));
    expect([validate(answer.body), validate.errors]).toEqual([true, null]);
  };

  it('describes what jobs answer', async () => {
    const api = supertest(app.server);
    const { id } = await jobs.submit({ order: { deep: [1] } });
    await jobs
      .newWorker({
        async training(_job, context) {
          context.log('begun');
          context.metrics({ loss: 0.5 });
          context.progress({ phase: 'training', fraction: 1 });
          return { version: 'v1' };
        },
      })
      .run(id);
    expectDescribed('/jobs', 'get', await api.get('/jobs').expect(200));
    expectDescribed('/jobs', 'get', await api.get('/jobs?state=done').expect(400));
    expectDescribed('/jobs/{job}', 'get', await api.get(`/jobs/${id}`).expect(200));
    expectDescribed('/jobs/{job}', 'get', await api.get('/jobs/none').expect(404));
    expectDescribed('/jobs/{job}/log', 'get', await api.get(`/jobs/${id}/log`).expect(200));
    expectDescribed('/jobs/{job}/cancel', 'post', await api.post(`/jobs/${id}/cancel`).expect(200));
  });

  it('describes what datasets answer', async () => {
    const api = supertest(app.server);
    const path = '/datasets/{dataset}';
    expectDescribed(path, 'put', await api.put('/datasets/flats').send(FLATS).expect(201));
    const { post, put } = document.paths[path]!;
    expect(ajv.compile(put!.requestBody!.content['application/json']!.schema)(FLATS)).toBe(true);
    expect(Object.keys(post!.requestBody!.content)).toEqual(['text/csv', 'application/x-ndjson']);
    const batch = await api.post('/datasets/flats').type('text/csv').send(flats(3)).expect(201);
    expectDescribed(path, 'post', batch);
    expectDescribed(path, 'get', await api.get('/datasets/flats').expect(200));
    expectDescribed('/datasets', 'get', await api.get('/datasets').expect(200));
    const upload = await api.post('/datasets/flats/uploads').expect(201);
    expectDescribed(`${path}/uploads`, 'post', upload);
    expectDescribed(`${path}/uploads/{upload}`, 'get', await api.get(upload.headers.location!));
  });

  it('describes predictions and their problems', async () => {
    const path = '/models/diamonds/predictions';
    const good = await supertest(app.server)
      .post(path)
      .send({ instances: [{ ...DIAMOND, carat: 30 }] });
    expect(ajv.compile(answerSchema(path, 'post', 200))(good.body)).toBe(true);
    const bad = await supertest(app.server)
      .post(path)
      .send({ instances: [{ ...DIAMOND, cut: 'x' }] });
    expect(ajv.compile(answerSchema(path, 'post', 422, 'application/problem+json'))(bad.body)).toBe(
      true,
    );
  });

  it.each(['diamonds', 'digits', 'flights'])(
    'gives %s an example that predicts, as it says, and fits its schema',
    async (model) => {
      const path = `/models/${model}/predictions`;
      const { schema, example } =
        document.paths[path]!.post!.requestBody!.content['application/json']!;
      expect(ajv.compile(schema)(example)).toBe(true);
      const { body } = await supertest(app.server)
        .post(path)
        .send(example as object)
        .expect(200);
      expect(ajv.compile(answerSchema(path, 'post', 200))(body)).toBe(true);
      expect(ajv.compile(schema)({ instances: [{ ...DIAMOND, cut: 'x' }] })).toBe(false);
    },
  );

  it('fills in nothing that would be removed', () => {
    for (const { delete: remove } of Object.values(document.paths))
      for (const { example } of remove?.parameters ?? []) expect(example).toBeUndefined();
  });

  it.each(['diamonds', 'digits', 'flights'])(
    'makes up an example for a model like %s that kept no row',
    async (model) => {
      const { version } = await registry.champion(model);
      const instances = [exampleInstance({ ...version, examples: [] })];
      await supertest(app.server)
        .post(`/models/${model}/predictions`)
        .send({ instances })
        .expect(200);
    },
  );

  it('shows predictions first, models by name before the general operation', () => {
    expect(document.tags[0]!.name).toBe('predictions');
    expect(Object.keys(document.paths).slice(0, 3)).toEqual(
      ['diamonds', 'digits', 'flights'].map((model) => `/models/${model}/predictions`),
    );
    const tags = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).flatMap((operation) => operation.tags),
    );
    const named = document.tags.map(({ name }) => name);
    expect([...new Set(tags)].filter((tag) => !named.includes(tag))).toEqual([]);
  });

  it('documents the alias that cannot be removed, and the checksum of a part', () => {
    const { delete: remove } = document.paths['/models/{model}/aliases/{alias}']!;
    const alias = remove!.parameters!.find(({ name }) => name === 'alias')!;
    const takes = ajv.compile(alias.schema);
    expect(['champion', 'challenger', 'Other'].map((name) => takes(name))).toEqual([
      false,
      true,
      false,
    ]);
    const { put } = document.paths['/datasets/{dataset}/uploads/{upload}/parts/{part}']!;
    const headers = put!.parameters!.filter((each) => each.in === 'header');
    expect(headers.map(({ name, required }) => [name, required === true])).toEqual([
      ['content-digest', true],
      ['x-checksum-sha256', false],
    ]);
  });

  it('documents each status with which valid data may be refused', () => {
    const config = readFileSync(new URL('../../infra/schemathesis.toml', import.meta.url), 'utf8');
    const operations = new Map(
      Object.values(document.paths)
        .flatMap((methods) => Object.values(methods))
        .map((operation) => [operation.operationId, Object.keys(operation.responses)]),
    );
    const refusals = config
      .split('[[operations]]')
      .slice(1)
      .flatMap((section) => {
        const [, include] = /include-operation-id = (.*)/.exec(section) ?? [];
        const named = [...(include ?? '"predict_flights"').matchAll(/"([^"]+)"/g)].map(
          ([, id]) => id!,
        );
        const statuses = section.match(/\b(400|415|422)\b/g)!;
        return named.flatMap((id) => statuses.map((status) => [id, status] as const));
      });
    expect(refusals.length).toBeGreaterThan(5);
    // Batch predictions and keys are not mounted here.
    const known = refusals.filter(([id]) => operations.has(id));
    expect(known.filter(([id, status]) => !operations.get(id)!.includes(status))).toEqual([]);
  });

  it('lets an image be the body of those models that take one', () => {
    const typesOf = (model: string) =>
      Object.keys(document.paths[`/models/${model}/predictions`]!.post!.requestBody!.content);
    expect(typesOf('diamonds')).toEqual(['application/json']);
    expect(typesOf('digits')).toEqual(expect.arrayContaining(['application/json', 'image/png']));
  });
});

describe('/docs', () => {
  it('is a page with what it needs, and / leads there', async () => {
    const page = await supertest(app.server).get('/docs').expect(200);
    expect(page.type).toBe('text/html');
    expect(page.text).toContain('<title>Lapidary</title>');
    expect(page.text).not.toContain('<style');
    await supertest(app.server).get('/docs/static/theme/icon.svg').expect(200);
    const settings = await supertest(app.server).get('/docs/static/swagger-initializer.js');
    // The bar of the other layout has a style of its own, which our policy refuses.
    expect(settings.text).toContain('"layout":"BaseLayout"');
    expect(settings.text).toContain('"docExpansion":"none"');
    // What runs when the page is there was built: it must be whole.
    expect(() => new Function(settings.text)).not.toThrow();
    const [, script] = /src="([^"]*swagger-ui-bundle\.js)"/.exec(page.text)!;
    const url = new URL(script!, 'http://host/docs').pathname;
    await supertest(app.server).get(url).expect(200);
    const definition = await supertest(app.server).get('/docs/json').expect(200);
    expect(definition.body.paths).toHaveProperty('/models/diamonds/predictions');
    await supertest(app.server).get('/').expect(302).expect('location', '/docs');
  });

  it('is made once, and leaves the connection to its client', async () => {
    const read = (url: string) =>
      supertest(app.server).get(url).set('connection', 'close').expect(200);
    const first = await read('/openapi.json');
    expect(first.headers.connection).toBe('close');
    const made = jest.spyOn(JSON, 'stringify');
    expect((await read('/openapi.json?again')).body).toEqual(first.body);
    expect(made.mock.calls.filter(([value]) => Object.hasOwn(Object(value), 'paths'))).toEqual([]);
    made.mockRestore();
  });
});
