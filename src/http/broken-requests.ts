import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { type ErrorCode, LapidaryError } from '../core/errors.js';
import { uuidv7 } from '../core/ids.js';
import { PROBLEM_TYPE, toProblem } from '../core/problem.js';
import { SECURITY_HEADERS } from './headers.js';
import { shownUrl } from './logging.js';

/** What Fastify would answer in its own words, before any route or hook of ours sees it. */
export const brokenRequests: Pick<FastifyServerOptions, 'frameworkErrors' | 'clientErrorHandler'> =
  {
    frameworkErrors(error, request, reply) {
      const known =
        error.code === 'FST_ERR_MAX_PARAM_LENGTH'
          ? new LapidaryError('url_too_long', 'a part of the path is longer than any name')
          : new LapidaryError('invalid_request', 'the path is not properly encoded');
      answerBroken(request as FastifyRequest, reply as FastifyReply, known);
    },
    clientErrorHandler(error, socket) {
      refuse(socket, codeOf(error.code));
    },
  };

function answerBroken(request: FastifyRequest, reply: FastifyReply, error: LapidaryError): void {
  const { status } = error;
  request.log.info({ method: request.method, url: shownUrl(request.url), status });
  reply
    .code(status)
    .headers({ ...SECURITY_HEADERS, 'x-request-id': request.id })
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(toProblem(error, request.id)));
}

const DETAILS = {
  request_timeout: 'the request did not come in time',
  headers_too_large: 'the headers are larger than this server takes',
  invalid_request: 'this is no HTTP request',
} as const satisfies Partial<Record<ErrorCode, string>>;

function codeOf(code: string | undefined): keyof typeof DETAILS {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request_timeout';
  return code === 'HPE_HEADER_OVERFLOW' ? 'headers_too_large' : 'invalid_request';
}

/** Answers where there is nothing but a socket, and hangs up. */
export function refuse(socket: Socket, code: keyof typeof DETAILS): void {
  if (socket.destroyed) return;
  if (socket.writable) socket.write(rawAnswer(new LapidaryError(code, DETAILS[code])));
  socket.destroySoon();
}

function rawAnswer(error: LapidaryError): string {
  const id = uuidv7();
  const body = JSON.stringify(toProblem(error, id));
  const headers = {
    ...SECURITY_HEADERS,
    'x-request-id': id,
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const { status } = error;
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n');
}
