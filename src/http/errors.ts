import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_TYPE, toProblem } from '../api/problem.js';
import { type Fault, LapidaryError, MAX_FAULTS } from '../core/errors.js';
import { storageFailure } from '../core/storage-failure.js';
import { callerFields } from './logging.js';

/** Returns the error of an unknown route, or of a method that a route does not support. */
export type NotFound = (request: FastifyRequest, reply: FastifyReply) => LapidaryError;

/** Answers errors and unknown routes with problem details. @returns creates the error of an unknown route */
export function handleErrors(app: FastifyInstance): NotFound {
  const routes: { method: string; pattern: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    const pattern = new RegExp(`^${url.replace(/:[^/]+/g, '[^/]+').replace(/\*/g, '.*')}$`);
    for (const name of [method].flat()) routes.push({ method: name, pattern });
  });

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const failure = storageFailure(error, reads ? 'reading' : 'writing');
    const translated = failure ?? translate(error);
    const problem = toProblem(translated, request.id);
    if (problem.status >= 500)
      request.log.error({ err: error, ...callerFields(request) }, 'request failed');
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  });

  const notFound: NotFound = (request, reply) => {
    const path = pathOf(request.url);
    const methods = routes.filter((route) => route.pattern.test(path)).map((route) => route.method);
    // A supported method gets here if a file of a static route is missing.
    if (methods.length === 0 || methods.includes(request.method)) {
      return new LapidaryError('route_not_found', `${path} does not exist; /docs lists the routes`);
    }
    const taken = [...new Set(methods)].join(', ');
    reply.header('allow', taken);
    return new LapidaryError(
      'method_not_allowed',
      `${path} supports ${taken}, not ${request.method}`,
    );
  };
  app.setNotFoundHandler((request, reply) => {
    throw notFound(request, reply);
  });
  return notFound;
}

/** Returns the path of a request target, which may also be an absolute URL. */
function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, '').split('?', 1)[0] || '/';
}

/** Translates Fastify's errors; returns ours, and bugs, as they are. */
function translate(error: FastifyError): unknown {
  if (error instanceof LapidaryError) return error;
  if (error.validation) {
    // An additional property is reported twice: as such, and as refused by the schema `false`.
    const errors = error.validation.filter(({ keyword }) => keyword !== 'boolean');
    const faults = errors.slice(0, MAX_FAULTS).map(validationFault);
    const detail = faults.map(({ field, message }) => `${field}: ${message}`).join('; ');
    return new LapidaryError('invalid_request', detail, faults);
  }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new LapidaryError('payload_too_large', 'the body is larger than the server accepts');
    case 'FST_ERR_HANDLER_TIMEOUT':
      return new LapidaryError('timed_out', 'the request exceeded the time limit of the server');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new LapidaryError(
        'unsupported_media_type',
        'the body must be sent as application/json',
      );
  }
  const isClientError =
    error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500;
  if (!isClientError) return error;
  return new LapidaryError('invalid_request', error.message);
}

/** Characters of a client's field name that are shown. */
const LONGEST_NAME = 100;

function validationFault({
  instancePath,
  keyword,
  params,
  message,
}: NonNullable<FastifyError['validation']>[number]): Fault {
  const [property] = (params.requiredProperties ?? params.additionalProperties ?? []) as string[];
  const field =
    property === undefined ? instancePath : `${instancePath}/${property.slice(0, LONGEST_NAME)}`;
  return { field: field || '/', code: keyword, message: message ?? 'is invalid' };
}
