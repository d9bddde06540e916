import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { LapidaryError } from '../../src/core/errors.js';
import type { ServingService } from '../../src/serving/service.js';
import { DIAMOND, testApp } from '../support/app.js';

const { app, lines } = testApp();
beforeAll(async () => {
  await app.ready();
});
afterAll(() => app.close());

describe('the API', () => {
  it('is live, and ready with the version of each model', async () => {
    await supertest(app.server).get('/health/live').expect(200, { status: 'live' });
    const { body } = await supertest(app.server).get('/health/ready').expect(200);
    expect(body).toEqual({
      status: 'ready',
      models: {
        diamonds: expect.stringMatching(/^[0-9a-f]{16}$/),
        digits: expect.stringMatching(/^[0-9a-f]{16}$/),
        flights: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    });
  });

  it('lists and describes the models', async () => {
    const list = await supertest(app.server).get('/models').expect(200);
    expect(list.body.items).toEqual([
      expect.objectContaining({
        name: 'diamonds',
        task: 'regression',
        metrics: expect.objectContaining({ rows: 10_789 }),
      }),
      expect.objectContaining({
        name: 'digits',
        task: 'classification',
        metrics: expect.objectContaining({ rows: 10_000 }),
      }),
      expect.objectContaining({
        name: 'flights',
        task: 'classification',
        metrics: expect.objectContaining({ rows: 4_001 }),
      }),
    ]);
    const { body } = await supertest(app.server).get('/models/diamonds').expect(200);
    expect(body.features.map((f: { name: string }) => f.name)).toEqual(Object.keys(DIAMOND));
    expect(body.trainingRanges.carat).toEqual([0.2, 5.01]);
    expect(body.card.parity.maxRelativeDifference).toBeLessThanOrEqual(1e-5);
    expect(body.examples[0]).toEqual({ instance: expect.any(Object), target: expect.any(Number) });
  });

  it('predicts its own examples', async () => {
    const { body } = await supertest(app.server).get('/models/diamonds');
    const instances = body.examples.map((example: { instance: object }) => example.instance);
    const answer = await supertest(app.server)
      .post('/models/diamonds/predictions')
      .send({ instances });
    expect(answer.status).toBe(200);
  });

  it('names the routes it lacks and the methods it takes', async () => {
    const lacking = await supertest(app.server).get('/nothing/here');
    expect([lacking.status, lacking.type, lacking.body.code]).toEqual([
      404,
      'application/problem+json',
      'route_not_found',
    ]);
    const wrong = await supertest(app.server).get('/models/diamonds/predictions');
    expect([wrong.status, wrong.body.code, wrong.headers.allow]).toEqual([
      405,
      'method_not_allowed',
      'POST',
    ]);
  });

  it('gives each request an id, in answer, problem and log', async () => {
    const answer = await supertest(app.server).get('/models/rubies');
    const id = answer.headers['x-request-id'];
    expect(answer.body.instance).toBe(`urn:request:${id}`);
    expect(lines.filter((line) => line.requestId === id)).toEqual([
      expect.objectContaining({
        method: 'GET',
        url: '/models/rubies',
        status: 404,
        ms: expect.any(Number),
      }),
    ]);
  });
});

describe('when something is broken', () => {
  const failing = (error: Error) =>
    testApp({ registry: { loadAll: () => Promise.reject(error) } as unknown as ServingService });

  it('answers a bug with 500 and shows nothing of its inside', async () => {
    const broken = failing(new TypeError('secret of the inside'));
    await broken.app.ready();
    const { body, status } = await supertest(broken.app.server).get('/models');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(body.code).toBe('internal');
    expect(JSON.stringify(broken.lines)).toContain('secret of the inside');
    await broken.app.close();
  });

  it('is not ready when a version is damaged, but live', async () => {
    const broken = failing(new LapidaryError('version_corrupt', 'version 1 is damaged'));
    await broken.app.ready();
    const ready = await supertest(broken.app.server).get('/health/ready');
    expect([ready.status, ready.body.code]).toEqual([503, 'version_corrupt']);
    await supertest(broken.app.server).get('/health/live').expect(200);
    await broken.app.close();
  });

  it('is not ready without any model', async () => {
    const empty = testApp({ registry: { loadAll: async () => [] } as unknown as ServingService });
    await empty.app.ready();
    const ready = await supertest(empty.app.server).get('/health/ready');
    expect([ready.status, ready.body.code]).toEqual([503, 'not_ready']);
    await empty.app.close();
  });
});
