import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { uuidv7 } from '../core/ids.js';
import { linkBelow, rewriteBelow } from './base-path.js';
import { parseBodies } from './body.js';
import { decodeBodies } from './decoding.js';
import { handleErrors } from './errors.js';
import { tagAnswers } from './etag.js';
import { logRequests } from './logging.js';
import { brokenRequests } from './protect/broken-requests.js';
import { closeConnections, SERVER_OPTIONS } from './protect/connections.js';
import { secureAnswers } from './protect/headers.js';
import { refuseOddRequests, STRICT_OPTIONS } from './protect/requests.js';
import { compilersFactory } from './schemas.js';

/** Creates a Fastify with the logging, error format and strictness of the API, without routes. */
export function createFastify(
  logger: FastifyBaseLogger,
  bodyLimit: number,
  basePath = '',
): FastifyInstance {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'requestId',
    }),
    genReqId: () => uuidv7(),
    bodyLimit,
    forceCloseConnections: 'idle',
    schemaController: { compilersFactory },
    http: { ...SERVER_OPTIONS, ...STRICT_OPTIONS },
    // Requests on open connections are answered; then the connections are closed.
    return503OnClosing: false,
    ...brokenRequests,
    ...rewriteBelow(basePath),
  });
  linkBelow(app, basePath);
  secureAnswers(app);
  logRequests(app);
  refuseOddRequests(app);
  closeConnections(app);
  decodeBodies(app, handleErrors(app));
  parseBodies(app);
  tagAnswers(app);
  return app;
}
