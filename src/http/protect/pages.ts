import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { isWriting } from '../../api/policy.js';
import { foreignHost, foreignPage } from '../../core/origin.js';

/** Rules for pages in browsers. */
export interface PageRules {
  /** Sites whose pages may call the API, such as https://app.example.com; none by default. */
  origins?: readonly string[];
  /** Keys are not required because only this machine can call: requests by any other host name are refused. */
  thisMachine?: boolean;
}

/** Headers that clients send; a preflight allows these. */
const REQUEST_HEADERS = [
  'authorization',
  'x-api-key',
  'content-type',
  'content-encoding',
  'content-digest',
  'x-checksum-sha256',
  'idempotency-key',
  'if-none-match',
  'cache-control',
].join(', ');
/** Headers of answers that a page may read. */
const ANSWER_HEADERS = [
  'x-request-id',
  'etag',
  'location',
  'content-digest',
  'content-disposition',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'www-authenticate',
].join(', ');
/** Methods of all routes. */
export const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const PREFLIGHT_S = 600;

/** Keeps pages of other sites from reading or changing anything, except for configured sites. */
export function keepPagesOut(
  app: FastifyInstance,
  { origins = [], thisMachine = false }: PageRules,
): void {
  const allowed = new Set(origins);
  if (thisMachine) app.addHook('onRequest', refuseForeignHosts());
  if (allowed.size > 0) app.addHook('onRequest', allowOrigins(allowed));
  app.addHook('onRoute', (route) => {
    if (isWriting(route))
      route.onRequest = [...[route.onRequest ?? []].flat(), refuseForeignPages(allowed)];
  });
}

function refuseForeignPages(allowed: ReadonlySet<string>): onRequestHookHandler {
  return ({ headers }, _reply, done) => done(foreignPage(headers, allowed));
}

/** Answers pages of these sites as CORS requires. Keys are in a header, never in a cookie, so credentials are not allowed. */
function allowOrigins(allowed: ReadonlySet<string>): onRequestHookHandler {
  return ({ method, headers }, reply, done) => {
    const { origin } = headers;
    reply.header('vary', 'origin');
    if (origin === undefined || !allowed.has(origin)) return done();
    reply.header('access-control-allow-origin', origin);
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) {
      reply.header('access-control-expose-headers', ANSWER_HEADERS);
      return done();
    }
    // A preflight has no key and needs nothing else.
    reply
      .code(204)
      .header('access-control-allow-methods', METHODS)
      .header('access-control-allow-headers', REQUEST_HEADERS)
      .header('access-control-max-age', PREFLIGHT_S)
      .send();
  };
}

function refuseForeignHosts(): onRequestHookHandler {
  // Most requests have the same host.
  let known: string | undefined;
  return ({ headers: { host } }, _reply, done) => {
    // No browser leaves it out.
    if (host === undefined || host === known) return done();
    const fault = foreignHost(host);
    if (!fault) known = host;
    done(fault);
  };
}
