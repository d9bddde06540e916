import type { FastifyInstance, FastifySchema } from 'fastify';
import { problemResponses } from '../../api/problem.js';

/** OpenAPI security schemes: the two headers that accept a key. */
export const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A key.' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A key.' },
} as const;

const UNCHANGED = { description: '`If-None-Match` names the current content.', type: 'null' };

type Documented = FastifySchema & { hide?: boolean; description?: string };

/**
 * Documents, for each route that is mounted later, the scope that it requires and the refusals that precede its
 * handler, such as those of an undecodable path.
 * @param guarded whether keys are required
 */
export function documentRefusals(app: FastifyInstance, guarded: boolean): void {
  app.addHook('onRoute', (route) => {
    const { method, url, config } = route;
    const schema = route.schema as Documented | undefined;
    if (!schema || schema.hide) return;
    const reads = method === 'GET' || method === 'HEAD';
    const scopes = guarded && config && config.access !== 'open' ? config.access : undefined;
    const response = {
      ...(!config?.healthCheck && problemResponses(400, 429)),
      ...(url.includes(':') && problemResponses(414)),
      ...problemResponses(503),
      ...(reads ? { 304: UNCHANGED } : problemResponses(400, 403, 413, 415, 507)),
      ...(scopes && problemResponses(401, 402, 403)),
      ...(schema.response as object),
    };
    const access = scopes && {
      security: [{ bearer: [] }, { apiKey: [] }],
      description: [schema.description, `Needs a key of the scope ${scopes.join(' or ')}.`]
        .filter((text) => text !== undefined)
        .join(' '),
    };
    route.schema = { ...schema, ...access, response } as FastifySchema;
  });
}
