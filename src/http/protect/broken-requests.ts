import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { PROBLEM_TYPE, toProblem } from '../../api/problem.js';
import { type ErrorCode, LapidaryError } from '../../core/errors.js';
import { uuidv7 } from '../../core/ids.js';
import { shownUrl } from '../logging.js';
import { SECURITY_HEADERS } from './headers.js';

/** Answers malformed requests with problem details in place of Fastify, before any route or hook runs. */
export const brokenRequests: Pick<FastifyServerOptions, 'frameworkErrors' | 'clientErrorHandler'> =
  {
    frameworkErrors(error, request, reply) {
      const known =
        error.code === 'FST_ERR_MAX_PARAM_LENGTH'
          ? new LapidaryError('url_too_long', 'a part of the path is longer than names can be')
          : new LapidaryError('invalid_request', 'the path is not properly encoded');
      answerBroken(request as FastifyRequest, reply as FastifyReply, known);
    },
    clientErrorHandler(error, socket) {
      refuse(socket, codeOf(error));
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
  request_timeout: 'the request was not received in time',
  headers_too_large: 'the headers are larger than the server accepts',
  url_too_long: 'the URL is longer than the server accepts',
  not_implemented: 'the server does not support this method',
  invalid_request: 'malformed HTTP request',
} as const satisfies Partial<Record<ErrorCode, string>>;

type RawCode = keyof typeof DETAILS;

const RAW_CODES: Readonly<Record<string, RawCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_INVALID_METHOD: 'not_implemented',
};

/** Bytes of a request line that is certainly too long. */
const LONGEST_LINE = 16_000;
const METHOD = /^[A-Z]{3,20} /;

function codeOf({ code, bytesParsed, rawPacket }: ConnectionError): RawCode {
  const known = RAW_CODES[code ?? ''] ?? 'invalid_request';
  const packet = rawPacket as unknown as Buffer | undefined;
  if (!packet) return known;
  if (known === 'headers_too_large' && !packet.subarray(0, LONGEST_LINE).includes('\n'))
    return packet.length > LONGEST_LINE ? 'url_too_long' : known;
  // The rest of a body that exceeds its length is not a method.
  const start = packet.lastIndexOf('\n', bytesParsed) + 1;
  const isMethod = METHOD.test(packet.toString('latin1', start, start + 21));
  return known === 'not_implemented' && !isMethod ? 'invalid_request' : known;
}

/** Answers on a bare socket, and closes it. */
export function refuse(socket: Socket, code: RawCode): void {
  if (socket.destroyed) return;
  if (socket.writable) socket.write(rawAnswer(new LapidaryError(code, DETAILS[code])));
  socket.destroySoon();
}

/** Answers a request that does not reach Fastify, and closes its connection. */
export function answerOutside(response: ServerResponse, error: LapidaryError): void {
  const { headers, body } = answerOf(error);
  response.writeHead(error.status, headers).end(body);
}

function rawAnswer(error: LapidaryError): string {
  const { headers, body } = answerOf(error);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const { status } = error;
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n');
}

function answerOf(error: LapidaryError) {
  const id = uuidv7();
  const body = JSON.stringify(toProblem(error, id));
  const headers = {
    ...SECURITY_HEADERS,
    'x-request-id': id,
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  return { headers, body };
}
