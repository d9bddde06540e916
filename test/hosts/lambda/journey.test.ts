import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RAW_PAYLOAD, testAws } from '../../support/aws-command.js';
import { newAccess } from '../../support/keys.js';
import { admittedV2, authorizerV2, tokenEvent } from './authorizer-events.js';
import { apiGatewayV1, apiGatewayV2, s3Event, sqsEvent } from './events.js';
import { type StartedFunction, startFunction } from './function.js';
import { describeLambda, MAIN } from './toolbox.js';

const DIAMOND = {
  carat: 0.23,
  cut: 'Ideal',
  color: 'E',
  clarity: 'SI2',
  depth: 61.5,
  table: 55,
  x: 3.95,
  y: 3.98,
  z: 2.43,
};
const POST = {
  method: 'POST',
  path: '/models/diamonds/predictions',
  body: JSON.stringify({ instances: [DIAMOND] }),
};
const ANSWER = {
  model: 'diamonds',
  version: expect.stringMatching(/^[0-9a-f]{16}$/),
  predictions: [{ id: expect.any(String), value: expect.any(Number) }],
};

interface GatewayResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

describeLambda('the function, under the real runtime client', () => {
  let lambda: StartedFunction;
  beforeAll(async () => {
    lambda = await startFunction({
      command: [process.execPath, MAIN, 'lambda'],
      env: { ACCESS: 'open' },
    });
    // The first invocation waits for the start, whose time is nothing to any test.
    await lambda.invoke(apiGatewayV2({ method: 'GET', path: '/health/live' }));
  }, 30_000);
  afterAll(() => lambda?.stop());

  /** Invokes, expects success and parses the answer. */
  async function answer<T>(event: unknown): Promise<T> {
    const { payload, functionError } = await lambda.invoke(event);
    if (functionError !== undefined) throw new Error(`${payload}\n${lambda.output()}`);
    return JSON.parse(payload) as T;
  }

  test.each([
    ['an HTTP API', apiGatewayV2(POST)],
    ['a REST API', apiGatewayV1(POST)],
  ])('answers predictions to %s', async (_name, event) => {
    const response = await answer<GatewayResponse>(event);
    expect(response.statusCode).toBe(200);
    expect(JSON.parse(response.body)).toEqual(ANSWER);
  });

  test.each([
    ['an HTTP API', apiGatewayV2],
    ['a REST API', apiGatewayV1],
  ])('tells %s of its health', async (_name, event) => {
    const response = await answer<GatewayResponse>(event({ method: 'GET', path: '/health/ready' }));
    expect(response.statusCode).toBe(200);
  });

  test('answers a direct invocation without any gateway', async () => {
    expect(await answer({ model: 'diamonds', instances: [DIAMOND] })).toEqual(ANSWER);
  });

  test('gives every way of asking the same value', async () => {
    const direct = await answer<typeof ANSWER>({ model: 'diamonds', instances: [DIAMOND] });
    const gateway = await answer<GatewayResponse>(apiGatewayV2(POST));
    const values = (body: typeof ANSWER) => body.predictions.map(({ value }) => value);
    expect(values(JSON.parse(gateway.body))).toEqual(values(direct));
  });

  test('takes a body that the gateway encoded as base64', async () => {
    const event = {
      ...apiGatewayV2(POST),
      body: Buffer.from(POST.body).toString('base64'),
      isBase64Encoded: true,
    };
    expect((await answer<GatewayResponse>(event)).statusCode).toBe(200);
  });

  test('answers a body that is not JSON with a problem', async () => {
    const response = await answer<GatewayResponse>(
      apiGatewayV2({ ...POST, body: '{"instances":' }),
    );
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(response.body)).toMatchObject({ status: 400 });
  });

  test.each([
    ['S3', s3Event(), 'aws:s3'],
    ['SQS', sqsEvent(), 'aws:sqs'],
  ])('fails the invocation of an event of %s, naming it', async (_name, event, source) => {
    const { payload, functionError } = await lambda.invoke(event);
    expect(functionError).toBe('Unhandled');
    expect(JSON.parse(payload).errorMessage).toContain(source);
  });

  test("answers a direct invocation's mistake, which is no error of the function", async () => {
    const { payload, functionError } = await lambda.invoke({
      model: 'rubies',
      instances: [DIAMOND],
    });
    expect(functionError).toBeUndefined();
    expect(JSON.parse(payload)).toMatchObject({ status: 404, code: 'model_not_found' });
    expect(await answer({ model: 'diamonds', instances: [DIAMOND] })).toEqual(ANSWER);
  });

  describeLambda('asked by the AWS command line', () => {
    let directory: string;
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'lapidary-'));
    });
    afterAll(() => rm(directory, { recursive: true, force: true }));

    testAws(
      'answers `aws lambda invoke`',
      async () => {
        const out = join(directory, 'out.json');
        const payload = JSON.stringify({ model: 'diamonds', instances: [DIAMOND] });
        const invoke = ['lambda', 'invoke', '--endpoint-url', lambda.url, '--function-name', 'x'];
        const { stdout } = await promisify(execFile)(
          'aws',
          [...invoke, ...RAW_PAYLOAD, '--output', 'json', '--payload', payload, out],
          {
            env: {
              ...process.env,
              AWS_ACCESS_KEY_ID: 'none',
              AWS_SECRET_ACCESS_KEY: 'none',
              AWS_DEFAULT_REGION: 'eu-central-1',
              AWS_PAGER: '',
            },
          },
        );
        expect(JSON.parse(stdout)).toEqual({ StatusCode: 200, ExecutedVersion: '$LATEST' });
        expect(JSON.parse(await readFile(out, 'utf8'))).toEqual(ANSWER);
      },
      30_000,
    );
  });
});

describeLambda('the function, started wrongly', () => {
  test('says outside of Lambda where it runs', async () => {
    const { AWS_LAMBDA_RUNTIME_API: _, ...env } = process.env;
    const run = promisify(execFile)(process.execPath, [MAIN, 'lambda'], { env });
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('AWS_LAMBDA_RUNTIME_API is not set'),
    });
  });

  test('says which functions there are', async () => {
    const run = promisify(execFile)(process.execPath, [MAIN, 'lambda', 'constructor']);
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'unknown function "constructor": use api, trainer, authorizer',
      ),
    });
  });

  test('tells Lambda why it did not start', async () => {
    const command = [process.execPath, MAIN, 'lambda'];
    const lambda = await startFunction({ command, env: { MAX_INSTANCES: 'many' } });
    try {
      const { payload, functionError } = await lambda.invoke({});
      expect(functionError).toBe('Unhandled');
      expect(JSON.parse(payload).errorMessage).toContain('MAX_INSTANCES');
    } finally {
      await lambda.stop();
    }
  }, 30_000);
});

describeLambda('the authorizer and the function behind it, under the real runtime client', () => {
  test('admit only callers with a key', async () => {
    const { directory, issue, remove } = await newAccess();
    const key = await issue('predict');
    const env = { DATA_DIR: directory };
    const start = (part: string) =>
      startFunction({ command: [process.execPath, MAIN, 'lambda', part], env });
    const [authorizer, api] = [await start('authorizer'), await start('api')];
    const headers = { authorization: `Bearer ${key}` };
    const allowed = await authorizer.invoke(authorizerV2({ ...POST, headers }));
    const { isAuthorized, context } = JSON.parse(allowed.payload);
    expect(isAuthorized).toBe(true);
    const answer = await api.invoke(admittedV2({ ...POST, headers }, context));
    expect(JSON.parse(JSON.parse(answer.payload).body)).toEqual(ANSWER);
    const past = await api.invoke(apiGatewayV2({ ...POST, headers }));
    expect(JSON.parse(past.payload).statusCode).toBe(401);
    const refused = await authorizer.invoke(tokenEvent(POST, `${key}x`));
    // API Gateway looks for just this text.
    expect(JSON.parse(refused.payload)).toMatchObject({ errorMessage: 'Unauthorized' });
    const direct = await api.invoke({ model: 'diamonds', instances: [DIAMOND] });
    expect(JSON.parse(direct.payload)).toEqual(ANSWER);
    await Promise.all([authorizer.stop(), api.stop()]);
    await remove();
  }, 60_000);
});
