// A bare Fastify that takes the same body and returns as many bytes as the API, with the same logging.
import Fastify, { LogController } from 'fastify';
import type pino from 'pino';

export const ANSWER = {
  model: 'diamonds',
  version: '0123456789abcdef',
  predictions: [{ id: '01890a5d-ac96-774b-bcce-b302099a8057', value: 351.33384702463366 }],
};

const string = { type: 'string' };
const answerSchema = {
  type: 'object',
  properties: {
    model: string,
    version: string,
    predictions: {
      type: 'array',
      items: { type: 'object', properties: { id: string, value: { type: 'number' } } },
    },
  },
};

/** Creates the server. @param logger receives one line per request, as in the API */
export function buildEcho(logger: pino.Logger) {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { method, url } = request;
    request.log.info({ method, url, status: reply.statusCode, ms: reply.elapsedTime });
    done();
  });
  app.post<{ Body: { instances: unknown[] } }>(
    '/models/diamonds/predictions',
    { schema: { response: { 200: answerSchema } } },
    async (request) => (request.body.instances.length > 0 ? ANSWER : undefined),
  );
  return app;
}
