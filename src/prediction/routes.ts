import type { FastifyInstance } from 'fastify';
import type { ForRequest } from '../api/route.js';
import { type Body, predictFor, predictionRoute } from './request.js';
import type { PredictionService } from './service.js';

export { invocationRoutes } from './invocation-routes.js';

/** Mounts the prediction routes. @param of returns the service of the caller */
export function predictionRoutes(
  app: FastifyInstance,
  of: ForRequest<PredictionService>,
  limits: { maxInstances: number; handlerMs?: number },
): void {
  app.post<{ Params: { model: string }; Body: Body }>(
    '/models/:model/predictions',
    predictionRoute({ operationId: 'predict', summary: 'Predict instances' }, limits),
    (request, reply) =>
      predictFor(request, reply, request.body, {
        predictions: of(request),
        model: request.params.model,
        handlerMs: limits.handlerMs,
      }),
  );
}
