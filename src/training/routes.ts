import type { FastifyInstance } from 'fastify';
import { type ForRequest, REMOVED, routesOf } from '../api/route.js';
import { ShownJob, showJob } from '../jobs/schema.js';
import { FitRequest } from './schema.js';
import type { FittingService } from './service.js';

type OfModel = { Params: { model: string } };

const route = routesOf('models', ['train']);

/** Mounts the routes that make and remove models. @param load loads the service on first use */
export function fitRoutes(app: FastifyInstance, load: ForRequest<Promise<FittingService>>): void {
  app.put<OfModel & { Body: FitRequest }>(
    '/models/:model',
    route(
      'fitModel',
      'Fit a model to a dataset: create or replace its definition, and train it',
      { 202: { ...ShownJob, description: 'The job that trains it.' } },
      [400, 403, 404, 409, 415, 422],
      {
        description:
          'Omitted fields are inferred from the schema and the rows of the dataset. The model ' +
          'exists once its first version has passed the gate; until then `GET /models/{model}` is 404.',
        body: FitRequest,
        config: { meters: 'trainingJob', untimed: true },
      },
    ),
    async (request, reply) => {
      const job = await (await load(request)).fit(request.params.model, request.body);
      reply.code(202).header('location', `/jobs/${job.id}`);
      return showJob(job);
    },
  );

  app.delete<OfModel>(
    '/models/:model',
    route(
      'removeModel',
      'Remove a model and its versions, but not its dataset',
      { 204: REMOVED },
      [403, 404, 409],
    ),
    async (request, reply) => {
      await (await load(request)).remove(request.params.model);
      return reply.code(204).send();
    },
  );
}
