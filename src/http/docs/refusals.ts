import type { FastifyInstance, FastifySchema } from 'fastify';
import { problemResponses } from '../../api/problem.js';
import { operationOf } from '../guard/scopes.js';
import { ALWAYS_ANSWERED } from '../protect/load.js';

const UNCHANGED = { description: 'What `If-None-Match` names is still so.', type: 'null' };

/**
 * What is told of each route that is mounted from now on: what is answered before its handler is asked, for a
 * path that cannot be read, or a body that is not wanted, even where none is.
 */
export function documentRefusals(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const schema = route.schema as (FastifySchema & { hide?: boolean }) | undefined;
    if (!schema || schema.hide) return;
    const reads = route.method === 'GET' || route.method === 'HEAD';
    const refusals = {
      ...(!ALWAYS_ANSWERED.has(operationOf(route) ?? '') && problemResponses(400, 429)),
      ...(route.url.includes(':') && problemResponses(414)),
      ...problemResponses(503),
      ...(reads ? { 304: UNCHANGED } : problemResponses(400, 403, 413, 415, 507)),
    };
    route.schema = { ...schema, response: { ...refusals, ...(schema.response as object) } };
  });
}
