import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { createHandler } from '../../../src/hosts/lambda/handler.js';
import type { PredictionService } from '../../../src/prediction/service.js';
import { DIAMOND, testApp } from '../../support/app.js';
import { apiGatewayV1, apiGatewayV2, loadBalancer, s3Event, sqsEvent } from './events.js';

const { app } = testApp();
const handler = createHandler(app);
const handle = (event: unknown) => handler(event, {} as Context);
afterAll(() => app.close());

describe('the Lambda handler', () => {
  it('answers a direct invocation with the predictions themselves', async () => {
    expect(await handle({ model: 'diamonds', instances: [DIAMOND] })).toMatchObject({
      model: 'diamonds',
      predictions: [{ id: expect.any(String), value: expect.any(Number) }],
    });
  });

  it.each([
    [
      'an invalid instance',
      { model: 'diamonds', instances: [{ ...DIAMOND, cut: 'x' }] },
      'invalid_instances',
    ],
    ['an unknown model', { model: 'rubies', instances: [DIAMOND] }, 'model_not_found'],
    ['no list of instances', { model: 'diamonds', instances: DIAMOND }, 'invalid_request'],
    ['a model that is a path', { model: '../diamonds', instances: [DIAMOND] }, 'model_not_found'],
    ['a model without a name', { model: '', instances: [DIAMOND] }, 'invalid_request'],
    ['a model that is no text', { model: 7, instances: [DIAMOND] }, 'invalid_request'],
    ['a name that is far too long', { model: 'x'.repeat(1e4), instances: [DIAMOND] }, undefined],
    ['an empty list', { model: 'diamonds', instances: [] }, 'invalid_request'],
    ['instances without a model', { instances: [DIAMOND] }, 'invalid_request'],
    ['a model without instances', { model: 'diamonds' }, 'invalid_request'],
  ])('answers a direct invocation with %s by the problem', async (_what, event, code) => {
    const answer = await handle(event);
    expect(answer).toMatchObject({ code: code ?? expect.any(String), detail: expect.any(String) });
    expect((answer as { status: number }).status).toBeLessThan(500);
    expect(answer).not.toHaveProperty('predictions');
  });

  it('fails a direct invocation that we could not answer, by the code of the problem', async () => {
    const predict = () => Promise.reject(new Error('broken'));
    const failing = testApp({ predictions: { predict } as unknown as PredictionService });
    const event = { model: 'diamonds', instances: [DIAMOND] };
    await expect(createHandler(failing.app)(event, {} as Context)).rejects.toMatchObject({
      name: 'internal',
      message: expect.stringContaining('"code":"internal"'),
    });
    await failing.app.close();
  });

  it.each([
    ['an S3 event', s3Event(), /s3/],
    ['an SQS event', sqsEvent(), /sqs/],
    [
      'a scheduled event',
      { source: 'aws.events', 'detail-type': 'Scheduled Event' },
      /source, detail-type/,
    ],
    ['an empty event', {}, /nothing/],
    ['no event', null, /null/],
    ['text', 'predict', /predict/],
  ])(
    'refuses %s and never answers it as if it had been a request',
    async (_what, event, message) => {
      await expect(handle(event)).rejects.toMatchObject({
        code: 'unknown_event',
        message: expect.stringMatching(message),
      });
    },
  );

  it.each([
    ['2.0', apiGatewayV2],
    ['1.0', apiGatewayV1],
  ])('answers problems to API Gateway events of version %s as HTTP', async (_version, gateway) => {
    const path = '/models/diamonds/predictions';
    const answer = await handle(gateway({ method: 'POST', path, body: '{"instances":' }));
    expect(answer).toMatchObject({
      statusCode: 400,
      body: expect.stringContaining('invalid_json'),
    });
    const health = await handle(gateway({ method: 'GET', path: '/health/live' }));
    expect(health).toMatchObject({ statusCode: 200, body: '{"status":"live"}' });
  });

  it('takes a body in base64, as a gateway may send it', async () => {
    const body = JSON.stringify({ instances: [DIAMOND] });
    const event = apiGatewayV2({ method: 'POST', path: '/models/diamonds/predictions', body });
    const encoded = { ...event, body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
    expect(await handle(encoded)).toMatchObject({ statusCode: 200 });
  });
});

it('takes a packed body, as a gateway hands it on', async () => {
  const body = gzipSync(JSON.stringify({ instances: [DIAMOND] }));
  const path = '/models/diamonds/predictions';
  for (const gateway of [
    apiGatewayV1,
    apiGatewayV2,
    (request: never) => loadBalancer(request, true),
  ]) {
    const event = gateway({
      method: 'POST',
      path,
      headers: {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        'content-length': String(body.length),
      },
    } as never);
    const packed = { ...event, body: body.toString('base64'), isBase64Encoded: true };
    expect(await handle(packed)).toMatchObject({ statusCode: 200 });
  }
});

describe('an event of a load balancer', () => {
  const path = '/models/diamonds/predictions';
  const body = JSON.stringify({ instances: [DIAMOND] });

  it('is answered with plain headers where it has these', async () => {
    const answer = await handle(loadBalancer({ method: 'POST', path, body }, false));
    expect(answer).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: expect.stringContaining('"predictions":[{'),
    });
    expect(answer).not.toHaveProperty('multiValueHeaders');
  });

  it('is answered with lists where it has lists', async () => {
    const answer = await handle(loadBalancer({ method: 'POST', path, body }, true));
    expect(answer).toMatchObject({
      statusCode: 200,
      multiValueHeaders: {
        'content-type': ['application/json; charset=utf-8'],
        'x-content-type-options': ['nosniff'],
      },
    });
    expect(answer).not.toHaveProperty('headers');
  });

  it.each([true, false])('has a query as the client wrote it (lists: %s)', async (multi) => {
    const ask = async (query: Record<string, string[]>) => {
      const answer = await handle(
        loadBalancer({ method: 'GET', path: '/models/diamonds/versions', query }, multi),
      );
      return (answer as { statusCode: number }).statusCode;
    };
    expect(await ask({ limit: ['1'] })).toBe(200);
    expect(await ask({ limit: ['%31'] })).toBe(200);
    expect(await ask({ limit: ['%zz'] })).toBe(400);
    expect(await ask({ '%E0%A4': ['1'] })).toBe(400);
    expect(await ask({ limit: ['1', '2'] })).toBe(multi ? 400 : 200);
  });
});
