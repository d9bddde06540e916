import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Context } from 'aws-lambda';
import type { InjectOptions } from 'fastify';
import { makeKey } from '../../src/access/keys.js';
import { unavailable } from '../../src/adapters/objects/s3-errors.js';
import type { Problem } from '../../src/api/problem.js';
import { LapidaryError } from '../../src/core/errors.js';
import { redact } from '../../src/core/redact.js';
import { createHandler } from '../../src/hosts/lambda/handler.js';
import { newLogger } from '../../src/hosts/logger.js';
import type { PredictionService } from '../../src/prediction/service.js';
import type { ServingService } from '../../src/serving/service.js';
import { DIAMOND, testApp } from '../support/app.js';
import { FLATS } from '../support/datasets.js';
import { guardedApp } from '../support/keys.js';
import { runMain } from '../support/process.js';

/** None of these may be in any line. */
const PLANTED = {
  value: 'PlantedValue7f3a',
  cookie: 'PlantedCookie81c2',
  password: 'UGxhbnRlZFBhc3N3b3Jk',
  signature: 'PlantedSignature55e0',
  token: 'PlantedToken9d41',
  row: 'PlantedRow2b66',
};
const PREDICT = '/models/diamonds/predictions';
const { app, key, lines, remove } = await guardedApp({ ACCESS_CACHE_S: '0' });
/** A key of valid form that does not exist. */
const other = makeKey().text;
const SECRETS = [...Object.values(PLANTED), key.slice(21), other.slice(21)];
const auth = { authorization: `Bearer ${key}` };
beforeAll(async () => {
  await app.ready();
});
afterAll(remove);

const leaked = (log: unknown, secrets: readonly string[] = SECRETS) => {
  const text = typeof log === 'string' ? log : JSON.stringify(log);
  return secrets.filter((secret) => text.includes(secret));
};
const encoded = (text: string) => text.replaceAll('_', '%5F');

type Sent = [what: string, request: InjectOptions, status: number];
const REQUESTS: readonly Sent[] = [
  ['a prediction', { method: 'POST', url: PREDICT, payload: { instances: [DIAMOND] } }, 200],
  [
    'an instance that is wrong',
    { method: 'POST', url: PREDICT, payload: { instances: [{ ...DIAMOND, cut: PLANTED.value }] } },
    422,
  ],
  [
    'an instance of another shape',
    { method: 'POST', url: PREDICT, payload: { instances: [{ [PLANTED.value]: 1 }] } },
    422,
  ],
  [
    'no JSON',
    {
      method: 'POST',
      url: PREDICT,
      payload: `{"instances": ${PLANTED.value}`,
      headers: { 'content-type': 'application/json' },
    },
    400,
  ],
  [
    'a content type that is not taken',
    {
      method: 'POST',
      url: PREDICT,
      payload: PLANTED.value,
      headers: { 'content-type': 'text/x' },
    },
    415,
  ],
  [
    'other headers with secrets',
    {
      url: '/models',
      headers: {
        cookie: `session=${PLANTED.cookie}`,
        'proxy-authorization': `Basic ${PLANTED.password}`,
        'x-amz-security-token': PLANTED.token,
        'x-api-key': other,
      },
    },
    200,
  ],
  ['a key in the query', { url: `/models?key=${key}&x-api-key=${other}` }, 200],
  ['a value in the query', { url: `/jobs?model=${PLANTED.value}&limit=${PLANTED.value}` }, 400],
  [
    'what signs a URL',
    { url: `/models/rubies?X-Amz-Signature=${PLANTED.signature}&X-Amz-Credential=x` },
    404,
  ],
  ['a key in the path', { method: 'DELETE', url: `/keys/${key}` }, 404],
  ['a key in the path, encoded', { method: 'DELETE', url: `/keys/${encoded(key)}` }, 404],
  ['a key in the path of no route', { url: `/nothing/${key}/${other}` }, 404],
  ['a key in a path that is not encoded', { url: `/models/${key}%zz` }, 400],
  ['a key in a path that is too long', { url: `/models/${key}${'x'.repeat(60)}` }, 414],
  [
    'a row that is bad',
    {
      method: 'POST',
      url: '/datasets/flats',
      payload: `area,city,since,rent\n1,Bern,2026-01-31,9\n1,${PLANTED.row},2026-01-31,9\n`,
      headers: { 'content-type': 'text/csv' },
    },
    422,
  ],
];

describe('what a server logs has no secret in it', () => {
  it.each(REQUESTS)('%s', async (_what, request, status) => {
    await app.inject({ method: 'PUT', url: '/datasets/flats', headers: auth, payload: FLATS });
    const before = lines.length;
    const headers = { ...(request.headers as object), ...auth };
    const answer = await app.inject({ ...request, headers });
    expect(answer.statusCode).toBe(status);
    // There is a line, and it tells what was asked.
    expect(lines.slice(before)).toContainEqual(expect.objectContaining({ status }));
    expect(leaked(lines)).toEqual([]);
  });

  it.each<[string, Record<string, string>]>([
    ['an unknown key', { authorization: `Bearer ${other}` }],
    ['a key that was mistyped', { authorization: `Bearer ${key}x` }],
    ['another scheme', { authorization: `Basic ${PLANTED.password}` }],
    ['no key', { cookie: PLANTED.cookie }],
  ])('%s', async (_what, headers) => {
    const answer = await app.inject({ url: '/models', headers });
    expect(answer.statusCode).toBe(401);
    expect(leaked(lines)).toEqual([]);
  });

  it('a bug whose error carries the request', async () => {
    const error = Object.assign(new TypeError(`failed with Authorization: Bearer ${key}`), {
      request: { headers: { authorization: `Bearer ${key}`, cookie: PLANTED.cookie } },
      body: { instances: [PLANTED.value] },
      cause: new Error(`https://b.s3.amazonaws.com/x?X-Amz-Signature=${PLANTED.signature}&a=1`),
    });
    const registry = { loadAll: () => Promise.reject(error) } as unknown as ServingService;
    const broken = testApp({ registry });
    const answer = await broken.app.inject({ url: '/models', headers: auth });
    expect([answer.statusCode, leaked(answer.body)]).toEqual([500, []]);
    const [line] = broken.lines as [{ err: { type: string; message: string; stack: string } }];
    // It tells what is wrong, and where.
    expect(line.err).toMatchObject({
      type: 'TypeError',
      message: expect.stringMatching(/^failed with Authorization: /),
      stack: expect.stringContaining('logs.test.ts'),
      cause: { message: 'https://b.s3.amazonaws.com/x?X-Amz-Signature=[redacted]&a=1' },
    });
    expect(leaked(broken.lines)).toEqual([]);
    await broken.app.close();
  });
});

describe('an error of the AWS SDK', () => {
  const accessKeyId = 'AKIAPLANTED000000000';
  const credentials = {
    accessKeyId,
    secretAccessKey: 'PlantedSecretAccessKey',
    sessionToken: PLANTED.token,
  };

  it.each([
    ['that S3 sent', 403, '<Error><Code>AccessDenied</Code><Message>no</Message></Error>'],
    ['about an answer that is no XML', 500, `<html>${PLANTED.token}`],
    ['that repeats what was sent', 400, undefined],
  ])('%s', async (_what, status, body) => {
    const s3 = createServer((request, response) => {
      const echoed = `<Error><Code>X</Code><Message>${JSON.stringify(request.headers).replaceAll('"', "'")}</Message></Error>`;
      response.writeHead(status, { 'x-amz-request-id': 'R1', 'set-cookie': PLANTED.cookie });
      response.end(body ?? echoed);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => s3.once('listening', resolve));
    const endpoint = `http://127.0.0.1:${(s3.address() as AddressInfo).port}`;
    const client = new S3Client({
      endpoint,
      region: 'eu-central-1',
      credentials,
      maxAttempts: 1,
      forcePathStyle: true,
    });
    const error = await client
      .send(new GetObjectCommand({ Bucket: 'models', Key: 'x' }))
      .catch((thrown: unknown) => thrown);
    client.destroy();
    s3.close();
    const written: string[] = [];
    const destination = new Writable({
      write(chunk, _encoding, done) {
        written.push(String(chunk));
        done();
      },
    });
    newLogger('info', { destination }).error({ err: unavailable('models', 'get', error) }, 'no');
    const line = JSON.parse(written.join(''));
    expect(line.err).toMatchObject({ code: 'storage_unavailable', cause: { aws: { status } } });
    expect(leaked(written, [...SECRETS, accessKeyId, credentials.secretAccessKey])).toEqual([]);
    expect(written.join('')).not.toMatch(/Signature=[0-9a-f]/);
  });
});

describe('the Lambda function', () => {
  const { app: api, lines: logged } = testApp();
  const handle = createHandler(api);
  afterAll(() => api.close());

  it('answers a direct invoker with the value that is wrong, and logs only the status', async () => {
    const event = { model: 'diamonds', instances: [{ ...DIAMOND, cut: PLANTED.value }] };
    const answer = (await handle(event, {} as Context)) as Problem;
    expect(answer).toMatchObject({ code: 'invalid_instances', errors: [{ field: 'cut' }] });
    expect(answer.detail).toContain(PLANTED.value);
    expect(logged).toContainEqual(expect.objectContaining({ status: 422 }));
    expect(leaked(logged)).toEqual([]);
  });

  it('fails for a direct invoker with the whole problem, of which the log gets code and id', async () => {
    const failure = new LapidaryError('storage_unavailable', `no ${PLANTED.value}`);
    const predictions = { predict: () => Promise.reject(failure) } as unknown as PredictionService;
    const { app: failing, lines: written } = testApp({ predictions });
    const event = { model: 'diamonds', instances: [DIAMOND] };
    const error = (await createHandler(failing)(event, {} as Context).catch(
      (thrown: Error) => thrown,
    )) as Error;
    expect(error.message).toContain(PLANTED.value);
    // AWS' runtime client logs an error as JSON.
    const line = JSON.stringify({ message: error });
    expect(JSON.parse(line).message).toEqual({
      errorType: 'storage_unavailable',
      status: 503,
      instance: expect.stringMatching(/^urn:request:/),
    });
    expect(leaked(line)).toEqual([]);
    expect(written).toContainEqual(expect.objectContaining({ status: 503 }));
    await failing.close();
  });
});

describe('a command', () => {
  it('repeats no key that was given in place of its id', async () => {
    const { stderr, stdout, code } = await runMain(['keys', 'revoke', other], {
      DATA_DIR: '/nonexistent/lapidary',
    }).finished;
    expect(code).toBe(1);
    expect(leaked(stderr + stdout)).toEqual([]);
  });
});

describe('redact', () => {
  it.each([
    [`key ${other}.`, `key lap_${other.slice(4, 20)}_[redacted].`],
    [encoded(other), `lap_${other.slice(4, 20)}_[redacted]`],
    ['Authorization: Bearer abc.def', 'Authorization: [redacted]'],
    ['"cookie":"a=b; c=d","x":1', '"cookie":"[redacted]","x":1'],
    [String.raw`{\"authorization\":\"Bearer ${other}\",\"x\":1}`, /^(?!.*lap_).*x/],
    ['AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=ab12', /^(?!.*(AKIA\/|ab12))/],
    ['/models/lap_top', '/models/lap_top'],
    ['a basic error, the token of a dataset', 'a basic error, the token of a dataset'],
  ])('%s', (text, shown) => {
    if (typeof shown === 'string') expect(redact(text)).toBe(shown);
    else expect(redact(text)).toMatch(shown);
  });
});
