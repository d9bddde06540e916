import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_TYPE, toProblem } from '../api/problem.js';
import { type Fault, LapidaryError, MAX_FAULTS } from '../core/errors.js';
import { storageFailure } from '../core/storage-failure.js';
import { whoCalls } from './logging.js';

/** Answers that the route is unknown, or does not take the method. */
export type NotFound = (request: FastifyRequest, reply: FastifyReply) => LapidaryError;

/** Answers every error, and every unknown route, with problem details. @returns what is wrong with an unknown route */
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
      request.log.error({ err: error, ...whoCalls(request) }, 'request failed');
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  });

  const notFound: NotFound = (request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const methods = routes.filter((route) => route.pattern.test(path)).map((route) => route.method);
    // A method that it takes comes here, too, where the route is of files and there is no such file.
    if (methods.length === 0 || methods.includes(request.method)) {
      return new LapidaryError('route_not_found', `there is no ${path}; /docs shows what there is`);
    }
    const taken = [...new Set(methods)].join(', ');
    reply.header('allow', taken);
    return new LapidaryError('method_not_allowed', `${path} takes ${taken}, not ${request.method}`);
  };
  app.setNotFoundHandler((request, reply) => {
    throw notFound(request, reply);
  });
  return notFound;
}

/** Fastify's own errors in our words; ours, and bugs, as they are. */
function translate(error: FastifyError): unknown {
  if (error instanceof LapidaryError) return error;
  if (error.validation) {
    // A property too many is told twice: as that, and as one that the schema `false` refuses.
    const errors = error.validation.filter(({ keyword }) => keyword !== 'boolean');
    const faults = errors.slice(0, MAX_FAULTS).map(validationFault);
    const told = faults.map(({ field, message }) => `${field}: ${message}`).join('; ');
    return new LapidaryError('invalid_request', told, faults);
  }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new LapidaryError('payload_too_large', 'the body is larger than this server takes');
    case 'FST_ERR_HANDLER_TIMEOUT':
      return new LapidaryError('timed_out', 'it took longer than this server waits for itself');
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

/** As much of a name that a client made up as is shown. */
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
