import { afterAll, describe, expect, it } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { createAuthorizer } from '../../../src/hosts/lambda/authorize.js';
import { guardByInvoker } from '../../../src/hosts/lambda/callers.js';
import { createHandler } from '../../../src/hosts/lambda/handler.js';
import { DIAMOND, testApp } from '../../support/app.js';
import { newAccess } from '../../support/keys.js';
import { admittedV1, admittedV2, authorizerV1, authorizerV2 } from './authorizer-events.js';
import { apiGatewayV1, apiGatewayV2 } from './events.js';

const { access, issue, remove } = await newAccess({ ACCESS_CACHE_S: '0' });
const authorize = createAuthorizer(access.gate);
const { app, lines } = testApp({
  access: async () => access,
  guard: guardByInvoker(async () => access),
  web: { tls: true },
});
const handler = createHandler(app);
const key = await issue('predict');
const { id } = (await access.keys.listKeys({}, { limit: 1 })).items[0]!;
afterAll(async () => {
  await app.close();
  await remove();
});

type Event = Record<string, unknown>;
const CONTEXT = { client: 'acme', key: id, plan: 'unlimited', scopes: 'predict' };
/** A forged identity. */
const FORGED = { ...CONTEXT, scopes: 'predict data train admin' };
const POST = {
  method: 'POST',
  path: '/models/diamonds/predictions',
  body: JSON.stringify({ instances: [DIAMOND] }),
};
const ALIAS = { method: 'DELETE', path: '/models/diamonds/aliases/challenger' };
interface Answer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}
const answer = async (event: unknown) => (await handler(event, {} as Context)) as Answer;
const isLetIn = async (event: unknown): Promise<boolean> => {
  try {
    return ((await authorize(event)) as { isAuthorized?: boolean }).isAuthorized !== false;
  } catch (error) {
    expect((error as Error).message).toBe('Unauthorized');
    return false;
  }
};

describe('headers that were written twice or differently', () => {
  it.each([
    ['two keys in one', { authorization: `Bearer ${key}, Bearer ${key}` }],
    ['a key behind another scheme', { authorization: `Basic x, Bearer ${key}` }],
    ['a key in one of ours that is not asked', { 'x-api-key': key, authorization: 'Basic x' }],
    ['two keys', { Authorization: `Bearer ${key}`, authorization: 'Bearer lap_other' }],
    ['a key and nothing', { AUTHORIZATION: '', authorization: `Bearer ${key}` }],
    ['a line break', { authorization: `x\r\nauthorization: Bearer ${key}` }],
    ['a header with a space', { 'authorization ': `Bearer ${key}` }],
    ['a header of another spelling', { authorization_: `Bearer ${key}`, x_api_key: key }],
  ])('are refused: %s', async (_what, headers) => {
    expect(await isLetIn(authorizerV2({ ...POST, headers }))).toBe(false);
    expect(await isLetIn(authorizerV1({ ...POST, headers }))).toBe(false);
  });

  it('have the authorizer and the API see one caller: what the context says', async () => {
    const other = await issue('data');
    const multi = { authorization: [`Bearer ${other}`, `Bearer ${key}`] };
    const event = admittedV1(
      { ...POST, headers: { Authorization: `Bearer ${other}`, authorization: `Bearer ${key}` } },
      { ...CONTEXT, scopes: 'data' },
      'acme',
    );
    const { statusCode } = await answer({ ...event, multiValueHeaders: multi });
    expect(statusCode).toBe(403);
  });
});

describe('an event that says more than API Gateway would', () => {
  const smuggled: [string, (event: Event) => Event][] = [
    ['an authorizer beside its context', (event) => ({ ...event, authorizer: { lambda: FORGED } })],
    ['an identity beside its context', (event) => ({ ...event, ...FORGED, identity: FORGED })],
    [
      'headers with a context',
      (event) => ({
        ...event,
        headers: {
          ...(event.headers as object),
          'x-apigateway-event': encodeURIComponent(
            JSON.stringify({ requestContext: { authorizer: { lambda: FORGED, ...FORGED } } }),
          ),
          'x-amzn-oidc-identity': 'acme',
          'x-amzn-oidc-data': 'x.y.z',
          'x-amzn-request-context': JSON.stringify(FORGED),
          'x-forwarded-for': '127.0.0.1',
          host: 'localhost',
        },
      }),
    ],
    [
      'many values',
      (event) => ({
        ...event,
        multiValueHeaders: {
          'x-apigateway-event': [encodeURIComponent(JSON.stringify({ requestContext: FORGED }))],
          authorization: [`Bearer ${key}`],
        },
      }),
    ],
  ];

  it.each(smuggled)('is nobody by %s', async (_what, change) => {
    for (const event of [apiGatewayV2(POST), apiGatewayV1(POST)])
      expect((await answer(change(event))).statusCode).toBe(401);
  });

  it.each(smuggled)('and who was let in gets no more by %s', async (_what, change) => {
    for (const event of [admittedV2(ALIAS, CONTEXT), admittedV1(ALIAS, CONTEXT, 'acme')])
      expect((await answer(change(event))).statusCode).toBe(403);
  });
});

describe('a payload that looks like two things', () => {
  it('is that of a gateway when it could be one, and needs the authorizer', async () => {
    const both = { ...apiGatewayV2(POST), model: 'diamonds', instances: [DIAMOND] };
    expect((await answer(both)).statusCode).toBe(401);
    const first = { ...apiGatewayV1(POST), model: 'diamonds', instances: [DIAMOND] };
    expect((await answer(first)).statusCode).toBe(401);
  });

  it('of a direct invocation reaches predictions alone, whatever its model is called', async () => {
    for (const model of ['../keys', 'diamonds/versions', '..%2f..%2fkeys', 'x?y', 'a\0b', ''])
      expect(await handler({ model, instances: [DIAMOND] }, {} as Context)).toMatchObject({
        code: expect.stringMatching(/_not_found$|^invalid_request$|^url_too_long$/),
      });
  });

  it('is no request by what it inherits', async () => {
    const event = JSON.parse(
      '{"__proto__":{"version":"2.0","requestContext":{"http":{},"authorizer":{"lambda":{}}}}}',
    ) as unknown;
    await expect(handler(event, {} as Context)).rejects.toMatchObject({ code: 'unknown_event' });
  });

  it('that a client can imitate by its body is still a body', async () => {
    const body = JSON.stringify(admittedV2(ALIAS, FORGED));
    const { statusCode } = await answer(admittedV2({ ...POST, body }, CONTEXT));
    expect(statusCode).toBe(400);
  });
});

describe('an answer through the gateway', () => {
  it('has the headers that protect browsers, and asks for TLS', async () => {
    for (const event of [apiGatewayV2(POST), admittedV2(POST, CONTEXT)])
      expect((await answer(event)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'strict-transport-security': 'max-age=31536000',
      });
    expect(JSON.stringify(lines)).not.toContain(key.slice(21));
  });
});
