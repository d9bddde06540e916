import type { FastifyInstance } from 'fastify';
import { wantsFresh } from '../api/cache-control.js';
import { type ForRequest, routesOf } from '../api/route.js';
import { describe, ModelDescription, ModelList, summarise } from './schema.js';
import type { ServingService } from './service.js';

const route = routesOf('models', ['predict']);

/** Mounts the routes that describe the served models. @param of returns the service of the caller */
export function servingRoutes(app: FastifyInstance, of: ForRequest<ServingService>): void {
  app.get(
    '/models',
    route('listModels', 'List the models', { 200: ModelList }, [503]),
    async (request) => ({
      items: (await of(request).loadAll(wantsFresh(request.headers))).map(summarise),
    }),
  );

  app.get<{ Params: { model: string } }>(
    '/models/:model',
    route(
      'getModel',
      'Describe a model: its features, its target and its metrics',
      { 200: ModelDescription },
      [404, 503],
    ),
    async (request) =>
      describe(await of(request).champion(request.params.model, wantsFresh(request.headers))),
  );
}
