import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as Type from 'typebox';
import { routesOf } from '../api/route.js';
import { LapidaryError } from '../core/errors.js';
import type { ServingService } from '../serving/service.js';
import {
  CSV_TYPE,
  encodePredictions,
  JSON_LINES_TYPES,
  readersOfRows,
} from './protocols/sagemaker.js';
import { type Body, predictFor, predictionRoute } from './request.js';
import type { PredictionService } from './service.js';

/** The model and services that answer SageMaker's requests, which name no model. */
export interface Invoked {
  model: string;
  registry: ServingService;
  predictions: PredictionService;
}

const Pong = Type.Object({ model: Type.String(), version: Type.String() });

/** Mounts the two routes that SageMaker calls in the container of an endpoint. */
export function invocationRoutes(
  app: FastifyInstance,
  { model, registry, predictions }: Invoked,
  limits: { maxInstances: number; handlerMs?: number },
): void {
  app.get(
    '/ping',
    routesOf('health', 'open')(
      'ping',
      'Check whether the model of /invocations can be served',
      { 200: Pong },
      [503],
      { config: { healthCheck: true } },
    ),
    async () => {
      const { version } = await registry.champion(model).catch(unready);
      return { model, version: version.id };
    },
  );

  app.register(async (scope) => {
    scope.addContentTypeParser(
      [...ROW_TYPES],
      { parseAs: 'buffer' },
      async (request: FastifyRequest, body: Buffer) => {
        const { decodeRows } = await readersOfRows();
        return decodeRows(body, request.headers['content-type']);
      },
    );
    invokeRoute(scope, { model, registry, predictions }, limits);
  });
}

const ROW_TYPES = [CSV_TYPE, ...JSON_LINES_TYPES];
const RowsBody = Type.Unsafe<string>({
  type: 'string',
  description:
    'Rows: CSV with the features in the order of the model, with or without a header, or a JSON object per line.',
});

function invokeRoute(
  app: FastifyInstance,
  { model, registry, predictions }: Invoked,
  limits: { maxInstances: number; handlerMs?: number },
): void {
  const route = predictionRoute(
    {
      operationId: 'invoke',
      summary: `Predict instances with ${model}, in the protocol of SageMaker`,
    },
    limits,
  );
  const { content } = route.schema!.body as { content: object };
  const rows = Object.fromEntries(ROW_TYPES.map((type) => [type, { schema: RowsBody }]));
  app.post<{ Body: Body | string }>(
    '/invocations',
    {
      ...route,
      schema: { ...route.schema, body: { content: { ...content, ...rows } } },
      // The handler encodes the answer as `Accept` requires.
      serializerCompiler: () => JSON.stringify,
    },
    async (request, reply) => {
      const { headers } = request;
      const body = await readBody(request.body, headers['content-type']);
      const { handlerMs } = limits;
      const answered = await predictFor(request, reply, body, { predictions, model, handlerMs });
      const encoded = await encodePredictions(answered, headers.accept);
      return reply.type(encoded.type).send(encoded.body);
    },
  );

  async function readBody(body: Body | string, type = ''): Promise<Body> {
    if (typeof body !== 'string') return body;
    const { version } = await registry.champion(model);
    const isCsv = /^\s*text\/csv\b/i.test(type);
    const { decodeInstances } = await readersOfRows();
    const instances = await decodeInstances({ text: body, isCsv }, version.spec);
    const { maxInstances } = limits;
    if (instances.length >= 1 && instances.length <= maxInstances) return { instances };
    const detail = `the request has ${instances.length} rows; it must have from 1 to ${maxInstances}`;
    throw new LapidaryError('invalid_request', detail);
  }
}

/** Answers 503 for any reason: SageMaker then sends no requests to the container. */
function unready(cause: unknown): never {
  if (!(cause instanceof LapidaryError)) throw cause;
  throw new LapidaryError('not_ready', cause.message, [], { cause });
}
