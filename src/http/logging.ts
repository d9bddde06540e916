import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Registry } from '../registry/service.js';

/** Writes one line a request, when it is answered, and tells the client the request's id. */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header('x-request-id', request.id);
    done(null, payload);
  });
  app.addHook('onResponse', (request, reply, done) => {
    request.log.info({
      method: request.method,
      url: request.url,
      status: reply.statusCode,
      ms: reply.elapsedTime,
    });
    done();
  });
}

/** Tells what becomes of the models that are served. */
export function logRegistry(registry: Registry, logger: FastifyBaseLogger): void {
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
