import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { LapidaryError } from '../../core/errors.js';
import { answerOutside, refuse } from './broken-requests.js';
import { METHODS } from './pages.js';

/** Options of Node's server: duplicate headers are joined, and a missing host is left to us. */
export const STRICT_OPTIONS = { joinDuplicateHeaders: true, requireHostHeader: false } as const;

/** Host with an optional port as in RFC 9110: a name, an IPv4 address, or an IPv6 address in brackets. */
const HOST = /^(?:\[[0-9a-f:.]{2,45}\]|[\w.~!$&'()*+;=%-]{1,255})(?::\d{0,5})?$/i;

/**
 * Refuses requests that Node accepts although a proxy might interpret them differently, and answers with problem details
 * those that Node refuses.
 */
export function refuseOddRequests(app: FastifyInstance): void {
  // Most requests have the same host.
  let known: string | undefined;
  app.addHook('onRequest', ({ raw, headers }, reply, done) => {
    const { host } = headers;
    const isUsual = host !== undefined && host === known && raw.httpVersionMajor === 1;
    const isPlain = headers['transfer-encoding'] === undefined && raw.url !== '*';
    if (isUsual && isPlain) return done();
    const fault = oddityOf(raw);
    if (raw.url === '*' && fault === undefined) {
      reply.code(204).header('allow', METHODS).send();
      return;
    }
    if (fault === undefined) known = host;
    // The following bytes may belong to this request.
    else reply.header('connection', 'close');
    done(fault);
  });
  app.server.on('checkExpectation', (request, response) => {
    const detail = `the server supports the expectation 100-continue, not ${request.headers.expect}`;
    answerOutside(response, new LapidaryError('expectation_failed', detail));
  });
  app.server.on('connect', (_request, socket) => refuse(socket as never, 'not_implemented'));
}

function oddityOf({ headers, httpVersionMajor, httpVersion, method, url }: IncomingMessage) {
  if (url === '*' && method !== 'OPTIONS')
    return new LapidaryError('invalid_request', `* is a target of OPTIONS, not of ${method}`);
  if (httpVersionMajor !== 1) {
    const detail = `the server supports HTTP/1.1 and 1.0, not ${httpVersion}`;
    return new LapidaryError('http_version_not_supported', detail);
  }
  const { host, 'transfer-encoding': coding } = headers;
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    const detail = `the server supports the transfer coding chunked, not ${coding}`;
    return new LapidaryError('not_implemented', detail);
  }
  // Only HTTP/1.0 may omit it.
  const isNamed = host === undefined ? httpVersion === '1.0' : HOST.test(host);
  if (isNamed) return undefined;
  const given = host === undefined ? 'is missing' : `is "${host}"`;
  return new LapidaryError('invalid_request', `the Host header ${given}; it must name one host`);
}
