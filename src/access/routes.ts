import type { FastifyInstance } from 'fastify';
import { type PageQuery, pageRequest } from '../api/page.js';
import { problemResponses } from '../api/problem.js';
import type { AccessServices } from './open.js';
import { PlanTerms } from './plans.js';
import { monthOf } from './quota.js';
import {
  Client,
  ClientChange,
  ClientList,
  ClientQuery,
  ClientRequest,
  GRACE_S,
  IssuedKey,
  Key,
  KeyList,
  KeyQuery,
  KeyRequest,
  Plan,
  PlanList,
  PlanParams,
  RotateRequest,
  Usage,
  UsageQuery,
} from './schema.js';
import { usageCsv } from './usage.js';

type Load = () => Promise<AccessServices>;

const tags = ['access'];

/** Mounts the routes of clients, keys, plans and usage. @param load opens the services on first use */
export function accessRoutes(app: FastifyInstance, load: Load): void {
  clientRoutes(app, load);
  keyRoutes(app, load);
  planRoutes(app, load);
  usageRoute(app, load);
}

function clientRoutes(app: FastifyInstance, load: Load): void {
  app.get<{ Querystring: PageQuery }>(
    '/clients',
    {
      config: { access: ['admin'] },
      schema: {
        operationId: 'listClients',
        summary: 'List the clients',
        tags,
        querystring: ClientQuery,
        response: { 200: ClientList, ...problemResponses(400) },
      },
    },
    async ({ query }) => (await load()).keys.listClients(pageRequest(query)),
  );

  app.post<{ Body: ClientRequest }>(
    '/clients',
    {
      config: { access: ['admin'] },
      schema: {
        operationId: 'createClient',
        summary: 'Add a client',
        tags,
        body: ClientRequest,
        response: { 201: Client, ...problemResponses(400, 403, 404, 409) },
      },
    },
    async ({ body: { id, name = id, plan = 'free' } }, reply) => {
      reply.code(201);
      return (await load()).keys.createClient({ id, name, plan });
    },
  );

  app.patch<{ Params: { client: string }; Body: ClientChange }>(
    '/clients/:client',
    {
      config: { access: ['admin'] },
      schema: {
        operationId: 'changeClient',
        summary: 'Rename a client, or put it on another plan',
        tags,
        body: ClientChange,
        response: { 200: Client, ...problemResponses(400, 403, 404) },
      },
    },
    async ({ params: { client }, body }) => (await load()).keys.changeClient(client, body),
  );
}

function keyRoutes(app: FastifyInstance, load: Load): void {
  app.get<{ Querystring: KeyQuery }>(
    '/keys',
    {
      config: { access: ['admin'] },
      schema: {
        operationId: 'listKeys',
        summary: 'List the keys, of all clients or one',
        tags,
        querystring: KeyQuery,
        response: { 200: KeyList, ...problemResponses(400) },
      },
    },
    async ({ query }) => {
      const filter = query.client === undefined ? {} : { client: query.client };
      return (await load()).keys.listKeys(filter, pageRequest(query));
    },
  );

  app.post<{ Body: KeyRequest }>(
    '/keys',
    {
      config: { access: ['admin'] },
      schema: {
        operationId: 'createKey',
        summary: 'Issue a key: only this response contains it',
        tags,
        body: KeyRequest,
        response: { 201: IssuedKey, ...problemResponses(400, 403, 404) },
      },
    },
    async ({ body: { client, scopes, expiresAt } }, reply) => {
      reply.code(201).header('cache-control', 'no-store');
      return (await load()).keys.createKey(client, scopes, expiresAt);
    },
  );

  app.post<{ Params: { key: string }; Body: RotateRequest | undefined }>(
    '/keys/:key/rotate',
    {
      config: { access: ['admin'] },
      schema: {
        operationId: 'rotateKey',
        summary: 'Issue a key with the same rights; the old one stays valid for a while',
        tags,
        // Optional: validated when present.
        body: { content: { 'application/json': { schema: RotateRequest } } },
        response: { 201: IssuedKey, ...problemResponses(400, 403, 404) },
      },
    },
    async ({ params: { key }, body }, reply) => {
      reply.code(201).header('cache-control', 'no-store');
      return (await load()).keys.rotateKey(key, (body?.graceSeconds ?? GRACE_S) * 1000);
    },
  );

  app.delete<{ Params: { key: string } }>(
    '/keys/:key',
    {
      config: { access: ['admin'] },
      schema: {
        operationId: 'revokeKey',
        summary: 'Revoke a key: it stays listed and is no longer valid',
        tags,
        response: { 200: Key, ...problemResponses(403, 404) },
      },
    },
    async ({ params: { key } }) => (await load()).keys.revokeKey(key),
  );
}

function planRoutes(app: FastifyInstance, load: Load): void {
  app.get(
    '/plans',
    {
      config: { access: ['admin'] },
      schema: {
        operationId: 'listPlans',
        summary: 'List the plans: limits and prices',
        tags,
        response: { 200: PlanList, ...problemResponses() },
      },
    },
    async () => ({ items: await (await load()).keys.listPlans() }),
  );

  app.put<{ Params: { plan: string }; Body: PlanTerms }>(
    '/plans/:plan',
    {
      config: { access: ['admin'] },
      schema: {
        operationId: 'putPlan',
        summary: 'Create a plan of your own, or replace it',
        tags,
        params: PlanParams,
        body: PlanTerms,
        response: { 200: Plan, ...problemResponses(400, 403, 409) },
      },
    },
    async ({ params: { plan }, body }) => (await load()).keys.putPlan(plan, body),
  );
}

function usageRoute(app: FastifyInstance, load: Load): void {
  app.get<{ Querystring: UsageQuery }>(
    '/usage',
    {
      config: { access: ['admin'] },
      schema: {
        operationId: 'getUsage',
        summary: 'Usage of a month, remaining quotas and cost; by day as text/csv',
        tags,
        querystring: UsageQuery,
        response: {
          200: {
            description: 'The usage, by client.',
            content: {
              'application/json': { schema: Usage },
              'text/csv': { schema: { type: 'string' } },
            },
          },
          ...problemResponses(400, 404),
        },
      },
    },
    async ({ headers, query: { month = monthOf(Date.now()), client } }, reply) => {
      const items = await (await load()).usage.report(month, client);
      reply.header('vary', 'accept');
      if (!/(^|,)\s*text\/csv\s*(;|,|$)/i.test(headers.accept ?? '')) return { month, items };
      reply.header('content-disposition', `attachment; filename="usage-${month}.csv"`);
      return reply.type('text/csv; charset=utf-8').send(usageCsv(items));
    },
  );
}
