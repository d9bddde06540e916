import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Registry } from '../registry/service.js';

/** Writes one line a request, when it is answered, and tells the client the request's id. */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
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

/** Warns of each version that TensorFlow.js has to serve, when it is loaded: it is slower and needs more memory. */
export function logFallbacks(registry: Registry, logger: FastifyBaseLogger): void {
  registry.reportFallbacks((model, version, reason) =>
    logger.warn(
      { model, version, reason },
      'TensorFlow.js serves this model, not the compiled plan',
    ),
  );
}
