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

/** A body is checked by the schema of its content type; one that is not there at all has none. */
const requireBody: preValidationHookHandler = ({ body }, _reply, done) =>
  done(
    body === undefined
      ? new LapidaryError('invalid_request', 'there is no body: send {"instances": [...]}')
      : undefined,
  );

/** Instances, or an image that is one. */
export type Body = PredictionRequest | Uint8Array;

/** What a route that predicts takes and answers, however it knows the model. */
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

/** What a request predicts with. */
interface Predicting {
  predictions: PredictionService;
  model: string;
  /** How long images may be decoded; any time by default. */
  handlerMs?: number | undefined;
}

/** Predicts what a request to such a route has in its body. */
export function predictFor(
  { id, headers, raw, reservation }: FastifyRequest,
  reply: FastifyReply,
  body: Body,
  { predictions, model, handlerMs }: Predicting,
): Promise<Predictions> {
  const ended = () => {
    if (raw.socket.destroyed) return new LapidaryError('client_closed', 'the client has hung up');
    if (!handlerMs || reply.elapsedTime < handlerMs) return undefined;
    const detail =
      'decoding the images took longer than the server allows: send fewer in a request';
    return new LapidaryError('timed_out', detail);
  };
  const asked = { requestId: id, fresh: wantsFresh(headers), ended, reservation };
  return body instanceof Uint8Array
    ? predictions.predictImage(model, body, asked)
    : predictions.predict(model, body.instances, asked);
}
