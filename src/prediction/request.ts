import type {
  FastifyReply,
  FastifyRequest,
  preValidationHookHandler,
  RouteShorthandOptions,
} from 'fastify';
import { wantsFresh } from '../api/cache-control.js';
import { routesOf } from '../api/route.js';
import { LapidaryError } from '../core/errors.js';
import {
  IMAGE_TYPES,
  ImageBody,
  type PredictionRequest,
  PredictionResponse,
  predictionRequest,
} from './schema.js';
import { serialisePredictions } from './serialise.js';
import type { PredictionService, Predictions } from './service.js';

/** Refuses a missing body, which no schema of a content type would validate. */
const requireBody: preValidationHookHandler = ({ body }, _reply, done) =>
  done(
    body === undefined
      ? new LapidaryError('invalid_request', 'missing body: send {"instances": [...]}')
      : undefined,
  );

/** Instances, or one image. */
export type Body = PredictionRequest | Uint8Array;

/** Returns the options of a route that predicts. */
export function predictionRoute(
  { operationId, summary }: { operationId: string; summary: string },
  { maxInstances }: { maxInstances: number },
): RouteShorthandOptions {
  return {
    ...routesOf('predictions', ['predict'])(
      operationId,
      summary,
      { 200: PredictionResponse },
      [400, 404, 413, 415, 422, 503],
      {
        body: {
          content: {
            'application/json': { schema: predictionRequest(maxInstances) },
            ...Object.fromEntries(IMAGE_TYPES.map((type) => [type, { schema: ImageBody }])),
          },
        },
        config: { meters: 'predictions', untimed: true, readOnly: true },
      },
    ),
    preValidation: requireBody,
    serializerCompiler: ({ httpStatus }) =>
      httpStatus === '200' ? serialisePredictions : JSON.stringify,
  };
}

/** Dependencies and options of a prediction. */
interface Predicting {
  predictions: PredictionService;
  model: string;
  /** Milliseconds that decoding images may take; unlimited by default. */
  handlerMs?: number | undefined;
}

/** Predicts the body of a request. */
export function predictFor(
  { id, headers, raw, reservation }: FastifyRequest,
  reply: FastifyReply,
  body: Body,
  { predictions, model, handlerMs }: Predicting,
): Promise<Predictions> {
  const ended = () => {
    if (raw.socket.destroyed)
      return new LapidaryError('client_closed', 'the client has disconnected');
    if (!handlerMs || reply.elapsedTime < handlerMs) return undefined;
    const detail =
      'decoding the images exceeded the time limit of the server: send fewer images in a request';
    return new LapidaryError('timed_out', detail);
  };
  const asked = { requestId: id, fresh: wantsFresh(headers), ended, reservation };
  return body instanceof Uint8Array
    ? predictions.predictImage(model, body, asked)
    : predictions.predict(model, body.instances, asked);
}
