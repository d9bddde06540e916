import type { FastifyInstance } from 'fastify';
import { wantsFresh } from '../core/cache-control.js';
import type { ForRequest } from '../core/for-request.js';
import { problemResponses } from '../core/problem.js';
import {
  IMAGE_TYPES,
  ImageBody,
  type PredictionRequest,
  PredictionResponse,
  predictionRequest,
} from './schema.js';
import { serialisePredictions } from './serialise.js';
import type { PredictionService } from './service.js';

/** Mounts the prediction routes. @param of what predicts for who asks */
export function predictionRoutes(
  app: FastifyInstance,
  of: ForRequest<PredictionService>,
  limits: { maxInstances: number },
): void {
  app.post<{ Params: { model: string }; Body: PredictionRequest | Uint8Array }>(
    '/models/:model/predictions',
    {
      serializerCompiler: ({ httpStatus }) =>
        httpStatus === '200' ? serialisePredictions : JSON.stringify,
      schema: {
        operationId: 'predict',
        summary: 'Predict instances',
        tags: ['predictions'],
        body: {
          content: {
            'application/json': { schema: predictionRequest(limits.maxInstances) },
            ...Object.fromEntries(IMAGE_TYPES.map((type) => [type, { schema: ImageBody }])),
          },
        },
        response: { 200: PredictionResponse, ...problemResponses(400, 404, 413, 415, 422) },
      },
    },
    (request) => {
      const { id, params, body, headers } = request;
      const predictions = of(request);
      const asked = { requestId: id, fresh: wantsFresh(headers) };
      return body instanceof Uint8Array
        ? predictions.predictImage(params.model, body, asked)
        : predictions.predict(params.model, body.instances, asked);
    },
  );
}
