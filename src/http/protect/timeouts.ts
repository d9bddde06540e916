import type { FastifyInstance } from 'fastify';
import { operationOf } from '../guard/scopes.js';

/** They take as long as the bytes do that come, go or are read. */
const STREAMED = new Set([
  'appendBatch',
  'putPart',
  'completeUpload',
  'getBatchContent',
  'getBatchQuarantine',
  'predictBatch',
  'getBatchPredictionResult',
  'getBatchPredictionRejects',
  'fitModel',
]);
/** It is worked out in one go, in which no timer could strike; one for each would only cost time. */
const AT_ONCE = new Set(['predict', 'invoke']);

/** Answers 503 where a handler takes longer than this: whoever asked has most likely left. */
export function limitTime(app: FastifyInstance, milliseconds: number): void {
  app.addHook('onRoute', (route) => {
    const operation = operationOf(route) ?? '';
    if (STREAMED.has(operation) || AT_ONCE.has(operation)) return;
    route.handlerTimeout ??= milliseconds;
  });
}
