import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { isWriting } from '../../api/policy.js';
import { foreignHost, foreignPage } from '../../core/origin.js';

/** Which pages of browsers may do what. */
export interface PageRules {
  /** Sites whose pages may call the API, such as https://app.example.com; none unless told. */
  origins?: readonly string[];
  /** Nobody is asked for a key since only this machine can call: names that lead here are no more than its own. */
  thisMachine?: boolean;
}

/** Clients send these; nothing else needs to pass a preflight. */
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
/** What a page may read of an answer beside its body. */
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
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const PREFLIGHT_S = 600;

/** Has pages of other sites read nothing and change nothing, but for those that were named. */
export function keepPagesOut(
  app: FastifyInstance,
  { origins = [], thisMachine = false }: PageRules,
): void {
  const allowed = new Set(origins);
  if (thisMachine) app.addHook('onRequest', onlyOwnHost());
  if (allowed.size > 0) app.addHook('onRequest', letIn(allowed));
  app.addHook('onRoute', (route) => {
    if (isWriting(route))
      route.onRequest = [...[route.onRequest ?? []].flat(), refuseOthers(allowed)];
  });
}

function refuseOthers(allowed: ReadonlySet<string>): onRequestHookHandler {
  return ({ headers }, _reply, done) => done(foreignPage(headers, allowed));
}

/**
 * Answers pages of these sites as CORS asks for. Keys are sent in a header, never as a cookie: there are no
 * credentials that a browser would add by itself, and none are allowed.
 */
function letIn(allowed: ReadonlySet<string>): onRequestHookHandler {
  return ({ method, headers }, reply, done) => {
    const { origin } = headers;
    reply.header('vary', 'origin');
    if (origin === undefined || !allowed.has(origin)) return done();
    reply.header('access-control-allow-origin', origin);
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) {
      reply.header('access-control-expose-headers', ANSWER_HEADERS);
      return done();
    }
    // It comes without a key, and asks for nothing but this.
    reply
      .code(204)
      .header('access-control-allow-methods', METHODS)
      .header('access-control-allow-headers', REQUEST_HEADERS)
      .header('access-control-max-age', PREFLIGHT_S)
      .send();
  };
}

function onlyOwnHost(): onRequestHookHandler {
  // Most requests come by one name, over and over.
  let known: string | undefined;
  return ({ headers: { host } }, _reply, done) => {
    // No browser leaves it out.
    if (host === undefined || host === known) return done();
    const fault = foreignHost(host);
    if (!fault) known = host;
    done(fault);
  };
}
