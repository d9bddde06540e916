import type { FastifyInstance } from 'fastify';
import { problemResponses } from '../core/problem.js';
import { type PredictionRequest, PredictionResponse, predictionRequest } from './schema.js';
import type { PredictionService } from './service.js';

/** Mounts the prediction routes. */
export function predictionRoutes(
  app: FastifyInstance,
  predictions: PredictionService,
  limits: { maxInstances: number },
): void {
  app.post<{ Params: { model: string }; Body: PredictionRequest }>(
    '/models/:model/predictions',
    {
      schema: {
        operationId: 'predict',
        summary: 'Predict instances',
        tags: ['predictions'],
        body: predictionRequest(limits.maxInstances),
        response: { 200: PredictionResponse, ...problemResponses(400, 404, 413, 415, 422) },
      },
    },
    (request) => predictions.predict(request.params.model, request.body.instances),
  );
}
