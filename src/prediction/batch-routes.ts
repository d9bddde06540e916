import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { BATCH_TYPES, drainBodies, formatOf, readBody } from '../api/body.js';
import { charsetOf } from '../api/content-type.js';
import type { ForRequest } from '../api/for-request.js';
import { problemResponses } from '../api/problem.js';
import { ShownJob, showJob } from '../jobs/schema.js';
import type { Bytes } from '../rows/source.js';
import {
  BatchPredictionHeaders,
  BatchPredictionQuery,
  BatchPredictionRequest,
  RowsBody,
} from './batch-schema.js';
import type { BatchPredictionService } from './batches/service.js';

type Load = ForRequest<Promise<BatchPredictionService>>;
type OfJob = { Params: { model: string; job: string } };

const tags = ['predictions'];
const PATH = '/models/:model/batch-predictions';
const csv = (description: string) => ({
  description,
  content: { 'text/csv': { schema: { type: 'string' } } },
});

/** Mounts the routes of batch predictions. @param load returns the service of the caller */
export function batchPredictionRoutes(app: FastifyInstance, load: Load): void {
  app.register(async (scope) => {
    // JSON is parsed as elsewhere; rows are read as they come.
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
    {
      config: {
        access: ['predict'],
        accessToBody: scopeOfBody,
        meters: 'predictionJob',
        streams: 'in',
      },
      schema: {
        operationId: 'predictBatch',
        summary: 'Predict many rows: of a dataset, or those that are sent',
        tags,
        querystring: BatchPredictionQuery,
        headers: BatchPredictionHeaders,
        body: {
          content: {
            'application/json': { schema: BatchPredictionRequest },
            ...Object.fromEntries(BATCH_TYPES.map((type) => [type, { schema: RowsBody }])),
          },
        },
        response: {
          202: {
            ...ShownJob,
            description:
              'The job that predicts them: a new one, or that of the same Idempotency-Key.',
          },
          ...problemResponses(400, 404, 409, 413, 415, 422),
        },
      },
    },
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
    {
      config: { access: ['predict'], streams: 'out' },
      schema: {
        operationId: 'getBatchPredictionResult',
        summary: 'Download the rows that were answered, with their predictions',
        tags,
        response: {
          200: csv(
            'The answered rows: line, the columns of the row, prediction, probability_CLASS of each class, prediction_id.',
          ),
          ...problemResponses(404, 409),
        },
      },
    },
    async (request, reply) => {
      const {
        params: { model, job },
      } = request;
      const { result, content } = await (await load(request)).openResult(model, job);
      const digest = Buffer.from(result.checksum, 'hex').toString('base64');
      reply
        .header('etag', `"${result.checksum}"`)
        .header('content-digest', `sha-256=:${digest}:`)
        .header('content-length', result.bytes);
      return sendCsv(reply, `${model}-${job}.csv`, content);
    },
  );

  app.get<OfJob>(
    `${PATH}/:job/rejects`,
    {
      config: { access: ['predict'], streams: 'out' },
      schema: {
        operationId: 'getBatchPredictionRejects',
        summary: 'Download the rows that could not be answered: line, column, reason, row',
        tags,
        response: { 200: csv('The rejected rows.'), ...problemResponses(404, 409) },
      },
    },
    async (request, reply) => {
      const {
        params: { model, job },
      } = request;
      const { result, rejects } = await (await load(request)).openResult(model, job);
      // The same job has the same rejects.
      reply.header('etag', `"${result.checksum}-rejects"`);
      return sendCsv(reply, `${model}-${job}-rejects.csv`, rejects);
    },
  );
}

/** A prediction has the rows of its dataset in it: it requires that the key may read them. */
const scopeOfBody = (body: unknown) => (isDatasetRequest(body) ? 'data' : undefined);

function isDatasetRequest(body: unknown): body is BatchPredictionRequest {
  return !(body instanceof Readable) && Object.hasOwn(Object(body), 'dataset');
}

function sendCsv(reply: FastifyReply, name: string, bytes: Bytes): FastifyReply {
  reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}"`);
  return reply.send(Readable.from(bytes.read(), { objectMode: false }));
}
