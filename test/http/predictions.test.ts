import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { DIAMOND, testApp } from '../support/app.js';

const { app } = testApp();
const PATH = '/models/diamonds/predictions';
const without = (field: keyof typeof DIAMOND) => {
  const { [field]: _left, ...rest } = DIAMOND;
  return rest;
};

beforeAll(async () => {
  await app.ready();
});
afterAll(() => app.close());

const post = (body: unknown) =>
  supertest(app.server)
    .post(PATH)
    .send(body as object);

describe('POST /models/{model}/predictions', () => {
  it('answers instances in their order, each with an id of its own', async () => {
    const large = { ...DIAMOND, carat: 1.51, x: 7.3, y: 7.35, z: 4.5 };
    const { body, status } = await post({ instances: [DIAMOND, large, DIAMOND] });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      model: 'diamonds',
      version: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    const [first, second, third] = body.predictions;
    expect(first.value).toBeGreaterThan(250);
    expect(first.value).toBeLessThan(450);
    expect(second.value).toBeGreaterThan(3000);
    expect(third.value).toBe(first.value);
    expect(new Set(body.predictions.map((p: { id: string }) => p.id)).size).toBe(3);
    expect(first).not.toHaveProperty('warnings');
  });

  it('answers more instances than the plan takes at once as it answers each alone', async () => {
    const instances = Array.from({ length: 150 }, (_, i) => ({ ...DIAMOND, carat: 0.2 + i / 100 }));
    const together = await post({ instances });
    const alone = await post({ instances: [instances[149]] });
    expect(together.body.predictions).toHaveLength(150);
    expect(together.body.predictions[149].value).toBeCloseTo(alone.body.predictions[0].value, 2);
  });

  it('warns of values that training never saw, and of missing ones', async () => {
    const { body } = await post({ instances: [{ ...DIAMOND, carat: 20, x: 0, z: null }] });
    expect(body.predictions[0].value).toBeGreaterThan(0);
    expect(body.predictions[0].warnings).toEqual([
      {
        field: 'carat',
        code: 'outside_training_range',
        message: expect.stringContaining('0.2 to'),
      },
      { field: 'x', code: 'missing_value', message: expect.any(String) },
      { field: 'z', code: 'missing_value', message: expect.any(String) },
    ]);
  });

  it.each([
    ['an unknown category', { ...DIAMOND, cut: 'Superb' }, 'cut', 'unknown_category'],
    ['a missing field', without('table'), 'table', 'missing_field'],
    ['an extra field', { ...DIAMOND, colour: 'E' }, 'colour', 'unknown_field'],
    ['a wrong type', { ...DIAMOND, depth: 'deep' }, 'depth', 'wrong_type'],
    ['null where a value is required', { ...DIAMOND, carat: null }, 'carat', 'wrong_type'],
    ['a value out of range', { ...DIAMOND, carat: -1 }, 'carat', 'out_of_range'],
  ])('refuses %s, naming instance and field', async (_what, instance, field, code) => {
    const { body, status, type } = await post({ instances: [DIAMOND, instance] });
    expect(status).toBe(422);
    expect(type).toBe('application/problem+json');
    expect(body).toMatchObject({
      code: 'invalid_instances',
      errors: [{ instance: 1, field, code, message: expect.any(String) }],
    });
  });

  it('lists the categories that are allowed', async () => {
    const { body } = await post({ instances: [{ ...DIAMOND, cut: 'Superb' }] });
    expect(body.errors[0].allowed).toEqual(['Fair', 'Good', 'Very Good', 'Premium', 'Ideal']);
  });

  it('reports each fault of each instance, but at most a hundred', async () => {
    const { body } = await post({
      instances: [{ ...DIAMOND, cut: 1, color: 2 }, 'diamond', null, [DIAMOND]],
    });
    expect(body.errors.map((e: { instance: number }) => e.instance)).toEqual([0, 0, 1, 2, 3]);
    const many = await post({ instances: Array(500).fill({ ...DIAMOND, cut: 'x' }) });
    expect(many.body.errors).toHaveLength(100);
  });

  it.each([
    ['no instances', { instances: [] }, '/instances'],
    ['no list', { instances: DIAMOND }, '/instances'],
    ['another field', { instances: [DIAMOND], model: 'x' }, '/model'],
    ['nothing', {}, '/instances'],
    ['a list', [DIAMOND], '/'],
    ['more instances than allowed', { instances: Array(1001).fill(1) }, '/instances'],
  ])('refuses a body with %s', async (_what, body, field) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'invalid_request', status: 400 });
    expect(answer.body.errors.map((e: { field: string }) => e.field)).toContain(field);
  });

  it.each([
    ['NaN', '{"instances":[{"carat":NaN}]}'],
    ['half a body', '{"instances":['],
    ['an empty body', ''],
    ['a key that reaches the prototype', '{"instances":[{"__proto__":{"a":1}}]}'],
  ])('refuses %s as invalid JSON, saying why', async (_what, text) => {
    const { body, status } = await supertest(app.server)
      .post(PATH)
      .set('content-type', 'application/json')
      .send(text);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_json', detail: expect.stringMatching(/.{10}/) });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'text/csv'])(
    'refuses %s',
    async (type) => {
      const { body, status } = await supertest(app.server)
        .post(PATH)
        .set('content-type', type)
        .send('carat=1');
      expect(status).toBe(415);
      expect(body.code).toBe('unsupported_media_type');
    },
  );

  it('refuses a request without a body and a content type', async () => {
    const answer = await app.inject({ method: 'POST', url: '/models/diamonds/predictions' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringContaining('missing body'),
    });
  });

  it('refuses a body that is too large', async () => {
    const { body, status } = await post({ instances: ['x'.repeat(1_000_001)] });
    expect(status).toBe(413);
    expect(body.code).toBe('payload_too_large');
  });

  it('does not know other models', async () => {
    for (const model of ['rubies', '..%2f..', 'Diamonds', 'constructor', '%00']) {
      const answer = await supertest(app.server)
        .post(`/models/${model}/predictions`)
        .send({ instances: [DIAMOND] });
      expect([model, answer.status, answer.body.code]).toEqual([model, 404, 'model_not_found']);
    }
  });
});
