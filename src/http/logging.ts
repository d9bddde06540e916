import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import { OPERATOR } from '../core/operator.js';
import { redact } from '../core/redact.js';
import type { PredictionService } from '../prediction/service.js';
import type { Registry } from '../serving/service.js';

/** Writes one line a request, when it is answered, and tells the client the request's id. */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { caller } = request;
    request.log.info({
      method: request.method,
      url: shownUrl(request.url),
      status: reply.statusCode,
      ms: reply.elapsedTime,
      // Undefined fields are not written.
      client: caller?.client,
      key: caller?.key,
    });
    done();
  });
}

/** The client and the id of the key of a request, as its log lines name them. */
export function whoCalls({ caller }: FastifyRequest): { client?: string; key?: string } {
  return caller ? { client: caller.client, key: caller.key } : {};
}

/** What any secret in a path has in it; to look for each of them would take as long as a prediction. */
const MAY_HAVE_SECRET = /lap(?:_|%5f)|a[ks]ia|[=:%\s]/i;

/** As much of a URL as may be logged: not its query, and no key that stands in its path by mistake. */
export function shownUrl(url: string): string {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  return MAY_HAVE_SECRET.test(path) ? redact(path) : path;
}

/** Predictions in one line of the log: some collectors cut long lines. */
const SHADOWS_A_LINE = 100;

/** Tells what becomes of the models that are served, and what their challengers do. */
export function logModels(
  models: { client: string; registry: Registry; predictions: PredictionService },
  parent: FastifyBaseLogger,
): void {
  const { client, registry, predictions } = models;
  const logger = client === OPERATOR ? parent : parent.child({ client });
  predictions.observe({
    shadowed({ predictions: all, ...run }) {
      for (let start = 0; start < all.length; start += SHADOWS_A_LINE)
        logger.info({ ...run, predictions: all.slice(start, start + SHADOWS_A_LINE) }, 'shadow');
    },
    failed: (failure, error) =>
      logger.warn({ ...failure, err: error }, 'the challenger failed, the champion answered'),
  });
  registry.observe({
    // It is slower and needs more memory.
    fallback: (model, version, reason) =>
      logger.warn(
        { model, version, reason },
        'TensorFlow.js serves this model, not the compiled plan',
      ),
    degraded: (degradation, error) =>
      logger.error({ ...degradation, err: error }, 'a version cannot be served'),
    swapped: (model, from, to) => logger.info({ model, from, to }, 'another version serves'),
  });
}
