import type { FastifyInstance } from 'fastify';
import { wantsFresh } from '../api/cache-control.js';
import type { ForRequest } from '../api/for-request.js';
import { problemResponses } from '../api/problem.js';
import { describe, ModelDescription, ModelList, summarise } from './schema.js';
import type { ServingService } from './service.js';

/** Mounts the routes that show the models. @param of what serves who asks */
export function servingRoutes(app: FastifyInstance, of: ForRequest<ServingService>): void {
  app.get(
    '/models',
    {
      config: { access: ['predict'] },
      schema: {
        operationId: 'listModels',
        summary: 'List the models',
        tags: ['models'],
        response: { 200: ModelList, ...problemResponses(503) },
      },
    },
    async (request) => ({
      items: (await of(request).loadAll(wantsFresh(request.headers))).map(summarise),
    }),
  );

  app.get<{ Params: { model: string } }>(
    '/models/:model',
    {
      config: { access: ['predict'] },
      schema: {
        operationId: 'getModel',
        summary: 'Describe a model: its features, its target, how good it is',
        tags: ['models'],
        response: { 200: ModelDescription, ...problemResponses(404, 503) },
      },
    },
    async (request) =>
      describe(await of(request).champion(request.params.model, wantsFresh(request.headers))),
  );
}
