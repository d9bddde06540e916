import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { LapidaryError } from '../core/errors.js';
import { problemResponses } from '../core/problem.js';
import type { Registry } from '../registry/service.js';
import { type Body, predictFor, predictionRoute } from './routes.js';
import type { PredictionService } from './service.js';

/** What SageMaker's requests are answered with: they name no model. */
export interface Invoked {
  model: string;
  registry: Registry;
  predictions: PredictionService;
}

const Pong = Type.Object({ model: Type.String(), version: Type.String() });

/** Mounts the two routes by which SageMaker asks the container of an endpoint. */
export function invocationRoutes(
  app: FastifyInstance,
  { model, registry, predictions }: Invoked,
  limits: { maxInstances: number },
): void {
  app.get(
    '/ping',
    {
      schema: {
        operationId: 'ping',
        summary: 'Can the model of /invocations be served?',
        tags: ['health'],
        response: { 200: Pong, ...problemResponses(503) },
      },
    },
    async () => {
      const { version } = await registry.champion(model).catch(unready);
      return { model, version: version.id };
    },
  );

  app.post<{ Body: Body }>(
    '/invocations',
    predictionRoute(
      { operationId: 'invoke', summary: `Predict instances with ${model}, as SageMaker asks` },
      limits,
    ),
    (request) => predictFor(request, predictions, model),
  );
}

/** SageMaker sends no requests to a container that answers 503, whatever the reason is. */
function unready(cause: unknown): never {
  if (!(cause instanceof LapidaryError)) throw cause;
  throw new LapidaryError('not_ready', cause.message, [], { cause });
}
