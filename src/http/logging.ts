import type { FastifyInstance, FastifyRequest } from 'fastify';
import { redact } from '../core/redact.js';

/** Logs one line per request once it is answered, and returns its id to the client. */
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

/** Returns the client and the id of the key of a request, as its log lines name them. */
export function callerFields({ caller }: FastifyRequest): { client?: string; key?: string } {
  return caller ? { client: caller.client, key: caller.key } : {};
}

/** Matches any path with a secret in it: matching each kind of secret would take as long as a prediction. */
const MAY_HAVE_SECRET = /lap(?:_|%5f)|a[ks]ia|[=:%\s]/i;

/** Returns the loggable part of a URL: its path, with keys redacted that are in it by mistake. */
export function shownUrl(url: string): string {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  return MAY_HAVE_SECRET.test(path) ? redact(path) : path;
}
