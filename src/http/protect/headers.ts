import type { FastifyInstance } from 'fastify';

/** Content policy of data: nothing may run, load or frame it. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'";

/** Content policy of `/docs`, which runs its own scripts and calls this API; nothing external, nothing inline. */
export const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of every answer, errors included. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': NOTHING,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const YEAR_S = 31_536_000;

/** Requires browsers to use TLS; only sent by hosts that are reached by TLS. */
const TLS_ONLY = `max-age=${YEAR_S}`;

/** Sets the headers that protect browsers. They are constant, which costs a prediction next to nothing. */
export function secureAnswers(app: FastifyInstance): void {
  const headers = Object.entries(SECURITY_HEADERS);
  app.addHook('onRequest', (_request, reply, done) => {
    for (let i = 0; i < headers.length; i++) reply.header(headers[i]![0], headers[i]![1]);
    done();
  });
}

/** Requires TLS, for a host that is only reached by TLS, as behind API Gateway. */
export function requireTls(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('strict-transport-security', TLS_ONLY);
    done();
  });
}
