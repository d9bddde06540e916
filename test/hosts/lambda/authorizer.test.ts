import { afterAll, describe, expect, it } from '@jest/globals';
import type { APIGatewayAuthorizerResult, Context } from 'aws-lambda';
import { makeKey } from '../../../src/access/keys.js';
import { createAuthorizer } from '../../../src/hosts/lambda/authorize.js';
import { guardByInvoker } from '../../../src/hosts/lambda/callers.js';
import { createHandler } from '../../../src/hosts/lambda/handler.js';
import { DIAMOND, testApp } from '../../support/app.js';
import { newAccess } from '../../support/keys.js';
import {
  admittedV1,
  admittedV2,
  authorizerV1,
  authorizerV2,
  tokenEvent,
} from './authorizer-events.js';
import { apiGatewayV1, apiGatewayV2, s3Event } from './events.js';

const { access, issue, remove } = await newAccess({ ACCESS_CACHE_S: '0' });
const authorize = createAuthorizer(access.gate);
const { app } = testApp({ access: async () => access, guard: guardByInvoker(async () => access) });
const handler = createHandler(app);
const key = await issue('predict');
const { id } = (await access.keys.listKeys({}, { limit: 1 })).items[0]!;
afterAll(async () => {
  await app.close();
  await remove();
});

const POST = {
  method: 'POST',
  path: '/models/diamonds/predictions',
  body: JSON.stringify({ instances: [DIAMOND] }),
};
const withKey = (text: string, headers: Record<string, string> = {}) => ({
  ...POST,
  headers: { authorization: `Bearer ${text}`, ...headers },
});
const CONTEXT = { client: 'acme', key: id, plan: 'unlimited', scopes: 'predict' };
const answer = async (event: unknown) => {
  const { statusCode, body } = (await handler(event, {} as Context)) as {
    statusCode: number;
    body: string;
  };
  return { status: statusCode, body: JSON.parse(body) };
};

describe('the authorizer', () => {
  it('answers an HTTP API with a simple response and the context', async () => {
    expect(await authorize(authorizerV2(withKey(key)))).toEqual({
      isAuthorized: true,
      context: CONTEXT,
    });
    const byHeader = authorizerV2({ ...POST, headers: { 'x-api-key': key } });
    expect(await authorize(byHeader)).toMatchObject({ isAuthorized: true });
  });

  it.each([
    ['REQUEST', () => authorizerV1({ ...POST, headers: { Authorization: `Bearer ${key}` } })],
    ['REQUEST, by X-API-Key', () => authorizerV1({ ...POST, headers: { 'X-Api-Key': key } })],
    ['TOKEN', () => tokenEvent(POST, `Bearer ${key}`)],
    ['TOKEN without a scheme', () => tokenEvent(POST, key)],
  ])('answers a REST API with a policy for every route: %s', async (_what, event) => {
    expect(await authorize(event())).toEqual({
      principalId: 'acme',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Action: 'execute-api:Invoke',
            Effect: 'Allow',
            Resource: 'arn:aws:execute-api:eu-central-1:123456789012:f6g7h8i9j0/live/*/*',
          },
        ],
      },
      context: CONTEXT,
    });
  });

  it.each<[string, () => Promise<string>]>([
    ['unknown', async () => makeKey().text],
    ['mistyped', async () => `${key.slice(0, 25)}${key[25] === 'x' ? 'y' : 'x'}${key.slice(26)}`],
    [
      'revoked',
      async () => {
        const made = await access.keys.createKey('acme', ['predict']);
        await access.keys.revokeKey(made.id);
        return made.key;
      },
    ],
    [
      'expired',
      async () => {
        const made = await access.keys.createKey('acme', ['predict']);
        await access.keys.rotateKey(made.id, 0);
        return made.key;
      },
    ],
  ])('refuses a key that is %s', async (_what, make) => {
    const text = await make();
    expect(await authorize(authorizerV2(withKey(text)))).toEqual({
      isAuthorized: false,
      context: {},
    });
    await expect(authorize(authorizerV1(withKey(text)))).rejects.toThrow(/^Unauthorized$/);
    await expect(authorize(tokenEvent(POST, text))).rejects.toThrow(/^Unauthorized$/);
  });

  it('refuses who has no key', async () => {
    expect(await authorize(authorizerV2(POST))).toEqual({ isAuthorized: false, context: {} });
    await expect(authorize(authorizerV1(POST))).rejects.toThrow(/^Unauthorized$/);
  });

  it.each([
    ['a request', apiGatewayV2(POST)],
    ['an S3 event', s3Event()],
    ['nothing', null],
  ])('fails on %s', async (_what, event) => {
    await expect(authorize(event)).rejects.toMatchObject({ code: 'unknown_event' });
  });
});

describe('from the gateway through the authorizer to the API', () => {
  it('a key of the scope gets its prediction, from either kind of API', async () => {
    const simple = (await authorize(authorizerV2(withKey(key)))) as { context: typeof CONTEXT };
    const v2 = await answer(admittedV2(withKey(key), simple.context));
    expect([v2.status, v2.body.model]).toEqual([200, 'diamonds']);
    const policy = (await authorize(authorizerV1(withKey(key)))) as APIGatewayAuthorizerResult;
    const v1 = await answer(admittedV1(withKey(key), policy.context!, policy.principalId));
    expect([v1.status, v1.body.model]).toEqual([200, 'diamonds']);
  });

  it('a key of another scope is let in by the gateway, and refused by the API', async () => {
    const other = await issue('data');
    const { context } = (await authorize(authorizerV2(withKey(other)))) as unknown as {
      context: typeof CONTEXT;
    };
    const { status, body } = await answer(admittedV2(withKey(other), context));
    expect([status, body.code]).toEqual([403, 'forbidden']);
  });

  it('what needs no key needs no authorizer', async () => {
    const health = await answer(apiGatewayV2({ method: 'GET', path: '/health/live' }));
    expect(health.status).toBe(200);
  });

  it('a direct invocation was let in by IAM', async () => {
    expect(await handler({ model: 'diamonds', instances: [DIAMOND] }, {} as Context)).toMatchObject(
      {
        model: 'diamonds',
      },
    );
  });
});

describe('who calls is what the gateway says, and nothing else', () => {
  const forged = { requestContext: { authorizer: { lambda: CONTEXT, ...CONTEXT } } };
  const json = JSON.stringify(forged);
  const HEADERS: [string, Record<string, string>][] = [
    ['a key', { authorization: `Bearer ${key}`, 'x-api-key': key }],
    ['an event', { 'x-apigateway-event': encodeURIComponent(json) }],
    ['an event, not encoded', { 'X-ApiGateway-Event': json, 'x-apigateway-context': '{}' }],
    ['a token of the adapter', { 'x-aws-lambda-fastify-request': 'x' }],
    ['the context', { client: 'acme', scopes: 'predict', 'x-authorizer-client': 'acme' }],
    ['AWS names', { 'x-amzn-request-context': json, 'x-amz-security-token': key }],
  ];
  it.each(HEADERS)('not %s in a header', async (_what, headers) => {
    for (const event of [apiGatewayV2({ ...POST, headers }), apiGatewayV1({ ...POST, headers })]) {
      const { status, body } = await answer(event);
      expect([status, body.code]).toEqual([401, 'unauthenticated']);
    }
  });

  it('not the body, the query or the path', async () => {
    const events = [
      apiGatewayV2({ ...POST, body: JSON.stringify({ instances: [DIAMOND], ...forged }) }),
      apiGatewayV2({ ...POST, query: { requestContext: json, client: 'acme' } }),
    ];
    for (const event of events) expect((await answer(event)).status).toBe(401);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a JWT', { jwt: { claims: CONTEXT, scopes: ['predict'] } }],
    ['IAM', { iam: { ...CONTEXT, userId: 'x' } }],
    ['an empty context', { lambda: {} }],
    ['nothing', { lambda: null }],
    ['what is no text', { lambda: { ...CONTEXT, client: { id: 'acme' } } }],
    ['the fields of a REST API in an HTTP API', CONTEXT],
  ])('not an authorizer that said %s', async (_what, authorizer) => {
    const event = apiGatewayV2(POST) as { requestContext: Record<string, unknown> };
    const { status } = await answer({
      ...event,
      requestContext: { ...event.requestContext, authorizer },
    });
    expect(status).toBe(401);
  });

  it('not a request that was made past the handler', async () => {
    expect((await app.inject({ method: 'GET', url: '/models' })).statusCode).toBe(401);
  });

  it('and an unknown client is no caller', async () => {
    const { status } = await answer(admittedV2(POST, { ...CONTEXT, client: 'gone', key: 'other' }));
    expect(status).toBe(401);
  });
});

describe('opening access', () => {
  it('is nothing that a direct invocation needs', async () => {
    const broken = testApp({ guard: guardByInvoker(() => Promise.reject(new Error('no disk'))) });
    const direct = createHandler(broken.app);
    const event = { model: 'diamonds', instances: [DIAMOND] };
    expect(await direct(event, {} as Context)).toMatchObject({ model: 'diamonds' });
    await broken.app.close();
  });
});
