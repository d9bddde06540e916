import type { FastifyInstance, FastifySchema } from 'fastify';
import { problemResponses } from '../../api/problem.js';
import { scopesOf } from '../guard/scopes.js';

/** How a key is sent. */
export const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A key.' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A key.' },
} as const;

/** What is told of each route that is mounted from now on: the scope it needs, and how it refuses. */
export function documentAccess(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const scopes = scopesOf(route);
    const schema = route.schema as (FastifySchema & Documented) | undefined;
    if (!schema || schema.hide || scopes === 'open') return;
    const refusals = problemResponses(401, 402, 403, 429, 503);
    route.schema = {
      ...schema,
      security: [{ bearer: [] }, { apiKey: [] }],
      description: [schema.description, `Needs a key of the scope ${scopes.join(' or ')}.`]
        .filter((text) => text !== undefined)
        .join(' '),
      response: { ...refusals, ...(schema.response as object) },
    } as FastifySchema;
  });
}

interface Documented {
  hide?: boolean;
  description?: string;
}
