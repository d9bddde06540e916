import type { FastifyInstance } from 'fastify';
import { wantsFresh } from '../core/cache-control.js';
import { problemResponses } from '../core/problem.js';
import { describe, ModelDescription, ModelList, summarise } from './schema.js';
import type { Registry } from './service.js';

/** Mounts the routes that show the models. */
export function registryRoutes(app: FastifyInstance, registry: Registry): void {
  app.get(
    '/models',
    {
      schema: {
        operationId: 'listModels',
        summary: 'List the models',
        tags: ['models'],
        response: { 200: ModelList, ...problemResponses(503) },
      },
    },
    async ({ headers }) => ({
      models: (await registry.loadAll(wantsFresh(headers))).map(summarise),
    }),
  );

  app.get<{ Params: { model: string } }>(
    '/models/:model',
    {
      schema: {
        operationId: 'getModel',
        summary: 'Describe a model: its features, its target, how good it is',
        tags: ['models'],
        response: { 200: ModelDescription, ...problemResponses(404, 503) },
      },
    },
    async ({ params: { model }, headers }) =>
      describe(await registry.champion(model, wantsFresh(headers))),
  );
}
