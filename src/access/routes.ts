import type { FastifyInstance } from 'fastify';
import { type PageQuery, pageRequest } from '../api/page.js';
import { optionalBody, routesOf } from '../api/route.js';
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
  UsageQuery,
  UsageReport,
} from './schema.js';
import { usageCsv } from './usage.js';

type Load = () => Promise<AccessServices>;

const route = routesOf('access', ['admin']);

/** Mounts the routes of clients, keys, plans and usage. @param load opens the services on first use */
export function accessRoutes(app: FastifyInstance, load: Load): void {
  clientRoutes(app, load);
  keyRoutes(app, load);
  planRoutes(app, load);
  app.get<{ Querystring: UsageQuery }>(
    '/usage',
    route(
      'getUsage',
      'Usage of a month, remaining quotas and cost; by day as text/csv',
      { 200: UsageReport },
      [400, 404],
      { querystring: UsageQuery },
    ),
    async ({ headers, query: { month = monthOf(Date.now()), client } }, reply) => {
      const items = await (await load()).usage.report(month, client);
      reply.header('vary', 'accept');
      if (!/(^|,)\s*text\/csv\s*(;|,|$)/i.test(headers.accept ?? '')) return { month, items };
      reply.header('content-disposition', `attachment; filename="usage-${month}.csv"`);
      return reply.type('text/csv; charset=utf-8').send(usageCsv(items));
    },
  );
}

function clientRoutes(app: FastifyInstance, load: Load): void {
  app.get<{ Querystring: PageQuery }>(
    '/clients',
    route('listClients', 'List the clients', { 200: ClientList }, [400], {
      querystring: ClientQuery,
    }),
    async ({ query }) => (await load()).keys.listClients(pageRequest(query)),
  );

  app.post<{ Body: ClientRequest }>(
    '/clients',
    route('createClient', 'Add a client', { 201: Client }, [400, 403, 404, 409], {
      body: ClientRequest,
    }),
    async ({ body: { id, name = id, plan = 'free' } }, reply) => {
      reply.code(201);
      return (await load()).keys.createClient({ id, name, plan });
    },
  );

  app.patch<{ Params: { client: string }; Body: ClientChange }>(
    '/clients/:client',
    route(
      'changeClient',
      'Rename a client, or put it on another plan',
      { 200: Client },
      [400, 403, 404],
      { body: ClientChange },
    ),
    async ({ params: { client }, body }) => (await load()).keys.changeClient(client, body),
  );
}

function keyRoutes(app: FastifyInstance, load: Load): void {
  app.get<{ Querystring: KeyQuery }>(
    '/keys',
    route('listKeys', 'List the keys, of all clients or one', { 200: KeyList }, [400], {
      querystring: KeyQuery,
    }),
    async ({ query }) => {
      const filter = query.client === undefined ? {} : { client: query.client };
      return (await load()).keys.listKeys(filter, pageRequest(query));
    },
  );

  app.post<{ Body: KeyRequest }>(
    '/keys',
    route(
      'createKey',
      'Issue a key: only this response contains it',
      { 201: IssuedKey },
      [400, 403, 404],
      { body: KeyRequest },
    ),
    async ({ body: { client, scopes, expiresAt } }, reply) => {
      reply.code(201).header('cache-control', 'no-store');
      return (await load()).keys.createKey(client, scopes, expiresAt);
    },
  );

  app.post<{ Params: { key: string }; Body: RotateRequest | undefined }>(
    '/keys/:key/rotate',
    route(
      'rotateKey',
      'Issue a key with the same rights; the old one stays valid for a while',
      { 201: IssuedKey },
      [400, 403, 404],
      { body: optionalBody(RotateRequest) },
    ),
    async ({ params: { key }, body }, reply) => {
      reply.code(201).header('cache-control', 'no-store');
      return (await load()).keys.rotateKey(key, (body?.graceSeconds ?? GRACE_S) * 1000);
    },
  );

  app.delete<{ Params: { key: string } }>(
    '/keys/:key',
    route(
      'revokeKey',
      'Revoke a key: it stays listed and is no longer valid',
      { 200: Key },
      [403, 404],
    ),
    async ({ params: { key } }) => (await load()).keys.revokeKey(key),
  );
}

function planRoutes(app: FastifyInstance, load: Load): void {
  app.get(
    '/plans',
    route('listPlans', 'List the plans: limits and prices', { 200: PlanList }, []),
    async () => ({ items: await (await load()).keys.listPlans() }),
  );

  app.put<{ Params: { plan: string }; Body: PlanTerms }>(
    '/plans/:plan',
    route('putPlan', 'Create a plan of your own, or replace it', { 200: Plan }, [400, 403, 409], {
      params: PlanParams,
      body: PlanTerms,
    }),
    async ({ params: { plan }, body }) => (await load()).keys.putPlan(plan, body),
  );
}
