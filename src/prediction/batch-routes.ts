import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { BATCH_TYPES, drainBodies, formatOf, readBody } from '../api/body.js';
import { charsetOf } from '../api/content-type.js';
import { fileOf, sendFile } from '../api/file.js';
import { type ForRequest, routesOf } from '../api/route.js';
import { ShownJob, showJob } from '../jobs/schema.js';
import {
  BatchPredictionHeaders,
  BatchPredictionQuery,
  BatchPredictionRequest,
  RowsBody,
} from './batch-schema.js';
import type { BatchPredictionService } from './batches/service.js';

type Load = ForRequest<Promise<BatchPredictionService>>;
type OfJob = { Params: { model: string; job: string } };

const route = routesOf('predictions', ['predict']);
const PATH = '/models/:model/batch-predictions';

/** Mounts the routes of batch predictions. @param load returns the service of the caller */
export function batchPredictionRoutes(app: FastifyInstance, load: Load): void {
  app.register(async (scope) => {
    // JSON is parsed as elsewhere; rows are read as they arrive.
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    drainBodies(scope);
    submitRoute(scope, load);
  });
  resultRoutes(app, load);
}

function submitRoute(app: FastifyInstance, load: Load): void {
  app.post<{
    Params: { model: string };
    Querystring: BatchPredictionQuery;
    Headers: BatchPredictionHeaders;
    Body: unknown;
  }>(
    PATH,
    route(
      'predictBatch',
      'Predict many rows: of a dataset, or those that are sent',
      {
        202: {
          ...ShownJob,
          description:
            'The job that predicts them: a new one, or that of the same Idempotency-Key.',
        },
      },
      [400, 404, 409, 413, 415, 422],
      {
        querystring: BatchPredictionQuery,
        headers: BatchPredictionHeaders,
        body: {
          content: {
            'application/json': { schema: BatchPredictionRequest },
            ...Object.fromEntries(BATCH_TYPES.map((type) => [type, { schema: RowsBody }])),
          },
        },
        config: { accessToBody: scopeOfBody, meters: 'predictionJob', streams: 'in' },
      },
    ),
    async (request, reply) => {
      const { model } = request.params;
      const { version } = request.query;
      const key = request.headers['idempotency-key'];
      const asked = { ...(version !== undefined && { version }), ...(key && { key }) };
      const charset = charsetOf(request.headers['content-type']);
      const service = await load(request);
      const job = isDatasetRequest(request.body)
        ? await service.submitDataset(model, request.body.dataset, { ...asked, ...request.body })
        : await service.submitRows(model, formatOf(request), readBody(request), {
            ...asked,
            ...(charset !== undefined && { charset }),
          });
      reply.code(202).header('location', `/jobs/${job.id}`);
      return showJob(job);
    },
  );
}

function resultRoutes(app: FastifyInstance, load: Load): void {
  app.get<OfJob>(
    `${PATH}/:job/result`,
    route(
      'getBatchPredictionResult',
      'Download the answered rows with their predictions',
      {
        200: fileOf(
          'The answered rows: line, the columns of the row, prediction, probability_CLASS of each class, prediction_id.',
        ),
      },
      [404, 409],
      { config: { streams: 'out' } },
    ),
    async (request, reply) => {
      const { model, job } = request.params;
      const { result, content } = await (await load(request)).openResult(model, job);
      const name = `${model}-${job}.csv`;
      return sendFile(reply, { type: 'text/csv', name, facts: result, read: content.read });
    },
  );

  app.get<OfJob>(
    `${PATH}/:job/rejects`,
    route(
      'getBatchPredictionRejects',
      'Download the rejected rows: line, column, reason, row',
      { 200: fileOf('The rejected rows.') },
      [404, 409],
      { config: { streams: 'out' } },
    ),
    async (request, reply) => {
      const { model, job } = request.params;
      const { result, rejects } = await (await load(request)).openResult(model, job);
      // The same job has the same rejects.
      reply.header('etag', `"${result.checksum}-rejects"`);
      const name = `${model}-${job}-rejects.csv`;
      return sendFile(reply, { type: 'text/csv', name, read: rejects.read });
    },
  );
}

/** Returns the scope that a body requires: a result contains the rows of its dataset. */
const scopeOfBody = (body: unknown) => (isDatasetRequest(body) ? 'data' : undefined);

function isDatasetRequest(body: unknown): body is BatchPredictionRequest {
  return !(body instanceof Readable) && Object.hasOwn(Object(body), 'dataset');
}
