import type { FastifyInstance } from 'fastify';

/** What our answers may do in a browser: nothing, and in no frame. They are data, not pages. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'";

/** The page under `/docs` runs its own scripts and asks this API; nothing from elsewhere, and nothing inline. */
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

/** What every answer tells browsers, errors included. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': NOTHING,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const YEAR_S = 31_536_000;

/** Tells browsers to come by TLS alone: only who is reached by TLS may say so. */
const TLS_ONLY = `max-age=${YEAR_S}`;

/**
 * Sets the headers that protect browsers. They are the same for every answer, so that a prediction pays next to
 * nothing for them.
 */
export function secureAnswers(app: FastifyInstance): void {
  const headers = Object.entries(SECURITY_HEADERS);
  app.addHook('onRequest', (_request, reply, done) => {
    for (let i = 0; i < headers.length; i++) reply.header(headers[i]![0], headers[i]![1]);
    done();
  });
}

/** For a host that is reached by TLS alone, as behind API Gateway. */
export function requireTls(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('strict-transport-security', TLS_ONLY);
    done();
  });
}
