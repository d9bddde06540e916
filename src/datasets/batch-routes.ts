import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BATCH_TYPES, formatOf, readBody, streamBodies } from '../api/body.js';
import { charsetOf } from '../api/content-type.js';
import type { ForRequest } from '../api/for-request.js';
import { problemResponses } from '../api/problem.js';
import type { Bytes } from '../rows/source.js';
import { AppendedBatch, Batch, BatchBody, showAppended } from './schema.js';
import type { DatasetService } from './service.js';

type Load = ForRequest<Promise<{ datasets: DatasetService }>>;
type OfBatch = { Params: { dataset: string; batch: string } };

const tags = ['datasets'];
const csv = (description: string) => ({
  description,
  content: Object.fromEntries(BATCH_TYPES.map((type) => [type, { schema: { type: 'string' } }])),
});

/** Mounts the routes that append and return batches. */
export function batchRoutes(app: FastifyInstance, load: Load): void {
  app.register(async (scope) => {
    streamBodies(scope);
    appendRoute(scope, load);
  });
  const path = '/datasets/:dataset/batches/:batch';
  const open = async (request: FastifyRequest<OfBatch>) => {
    const { dataset, batch } = request.params;
    return (await load(request)).datasets.openBatch(dataset, batch);
  };

  app.get<OfBatch>(
    path,
    {
      config: { access: ['data'] },
      schema: {
        operationId: 'getBatch',
        summary: 'Describe a batch',
        tags,
        response: { 200: Batch, ...problemResponses(404) },
      },
    },
    async (request) => (await open(request)).batch,
  );

  app.get<OfBatch>(
    `${path}/content`,
    {
      config: { access: ['data'], streams: 'out' },
      schema: {
        operationId: 'getBatchContent',
        summary: 'Download a batch as it was sent, decompressed',
        tags,
        response: { 200: csv('The batch.'), ...problemResponses(404) },
      },
    },
    async (request, reply) => {
      const { batch, content } = await open(request);
      const digest = Buffer.from(batch.checksum, 'hex').toString('base64');
      reply
        .header('etag', `"${batch.checksum}"`)
        .header('content-digest', `sha-256=:${digest}:`)
        .header('content-length', batch.bytes);
      const name = `${request.params.dataset}-${batch.id}.${batch.format}`;
      return sendFile(
        reply,
        batch.format === 'csv' ? 'text/csv' : 'application/x-ndjson',
        name,
        content,
      );
    },
  );

  app.get<OfBatch>(
    `${path}/quarantine`,
    {
      config: { access: ['data'], streams: 'out' },
      schema: {
        operationId: 'getBatchQuarantine',
        summary: 'Download the bad rows of a batch: line, column, reason, row',
        tags,
        response: { 200: csv('The bad rows as CSV.'), ...problemResponses(404) },
      },
    },
    async (request, reply) => {
      const { batch, quarantine } = await open(request);
      return sendFile(
        reply,
        'text/csv',
        `${request.params.dataset}-${batch.id}-quarantine.csv`,
        quarantine,
      );
    },
  );
}

function appendRoute(app: FastifyInstance, load: Load): void {
  app.post<{ Params: { dataset: string } }>(
    '/datasets/:dataset',
    {
      config: { access: ['data'], meters: 'storedBytes', streams: 'in' },
      schema: {
        operationId: 'appendBatch',
        summary: 'Append a batch; the same content is stored once',
        tags,
        body: {
          content: Object.fromEntries(BATCH_TYPES.map((type) => [type, { schema: BatchBody }])),
        },
        response: {
          200: AppendedBatch,
          201: AppendedBatch,
          ...problemResponses(400, 404, 413, 415, 422),
        },
      },
    },
    async (request, reply) => {
      const { dataset } = request.params;
      const format = formatOf(request);
      const { datasets } = await load(request);
      const charset = charsetOf(request.headers['content-type']);
      const reading = charset === undefined ? {} : { charset };
      const appended = await datasets.append(dataset, format, readBody(request), reading);
      const { batch, created } = appended;
      reply.header('location', `/datasets/${dataset}/batches/${batch.id}`);
      reply.code(created ? 201 : 200);
      return showAppended(appended);
    },
  );
}

function sendFile(reply: FastifyReply, type: string, name: string, bytes: Bytes): FastifyReply {
  reply
    .type(`${type}; charset=utf-8`)
    .header('content-disposition', `attachment; filename="${name}"`);
  return reply.send(Readable.from(bytes.read(), { objectMode: false }));
}
