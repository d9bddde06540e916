import type { FastifyInstance } from 'fastify';
import type { ForRequest } from '../api/for-request.js';
import { problemResponses } from '../api/problem.js';
import { ShownJob, showJob } from '../jobs/schema.js';
import { FitRequest } from './schema.js';
import type { FittingService } from './service.js';

type OfModel = { Params: { model: string } };

const tags = ['models'];

/** Mounts the routes that make and remove models. @param load loads the service on first use */
export function fitRoutes(app: FastifyInstance, load: ForRequest<Promise<FittingService>>): void {
  app.put<OfModel & { Body: FitRequest }>(
    '/models/:model',
    {
      config: { access: ['train'], meters: 'trainingJob', untimed: true },
      schema: {
        operationId: 'fitModel',
        summary: 'Fit a model to a dataset: create or replace its definition, and train it',
        description:
          'Omitted fields are inferred from the schema and the rows of the dataset. The model ' +
          'exists once its first version has passed the gate; until then `GET /models/{model}` is 404.',
        tags,
        body: FitRequest,
        response: {
          202: { ...ShownJob, description: 'The job that trains it.' },
          ...problemResponses(400, 403, 404, 409, 415, 422),
        },
      },
    },
    async (request, reply) => {
      const {
        params: { model },
        body,
      } = request;
      const job = await (await load(request)).fit(model, body);
      reply.code(202).header('location', `/jobs/${job.id}`);
      return showJob(job);
    },
  );

  app.delete<OfModel>(
    '/models/:model',
    {
      config: { access: ['train'] },
      schema: {
        operationId: 'removeModel',
        summary: 'Remove a model and its versions, but not its dataset',
        tags,
        response: {
          204: { type: 'null', description: 'The model is removed.' },
          ...problemResponses(403, 404, 409),
        },
      },
    },
    async (request, reply) => {
      const {
        params: { model },
      } = request;
      await (await load(request)).remove(model);
      return reply.code(204).send();
    },
  );
}
