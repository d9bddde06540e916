import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BATCH_TYPES, formatOf, readBody, streamBodies } from '../api/body.js';
import { charsetOf } from '../api/content-type.js';
import { fileOf, sendFile } from '../api/file.js';
import { type ForRequest, routesOf } from '../api/route.js';
import { AppendedBatch, Batch, BatchBody, showAppended } from './schema.js';
import type { DatasetService } from './service.js';

type Load = ForRequest<Promise<{ datasets: DatasetService }>>;
type OfBatch = { Params: { dataset: string; batch: string } };

const route = routesOf('datasets', ['data']);

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
    route('getBatch', 'Describe a batch', { 200: Batch }, [404]),
    async (request) => (await open(request)).batch,
  );

  app.get<OfBatch>(
    `${path}/content`,
    route(
      'getBatchContent',
      'Download a batch as it was sent, decompressed',
      { 200: fileOf('The batch.', BATCH_TYPES) },
      [404],
      { config: { streams: 'out' } },
    ),
    async (request, reply) => {
      const { batch, content } = await open(request);
      const type = batch.format === 'csv' ? 'text/csv' : 'application/x-ndjson';
      const name = `${request.params.dataset}-${batch.id}.${batch.format}`;
      return sendFile(reply, { type, name, facts: batch, read: content.read });
    },
  );

  app.get<OfBatch>(
    `${path}/quarantine`,
    route(
      'getBatchQuarantine',
      'Download the bad rows of a batch: line, column, reason, row',
      { 200: fileOf('The bad rows.') },
      [404],
      { config: { streams: 'out' } },
    ),
    async (request, reply) => {
      const { batch, quarantine } = await open(request);
      const name = `${request.params.dataset}-${batch.id}-quarantine.csv`;
      return sendFile(reply, { type: 'text/csv', name, read: quarantine.read });
    },
  );
}

function appendRoute(app: FastifyInstance, load: Load): void {
  app.post<{ Params: { dataset: string } }>(
    '/datasets/:dataset',
    route(
      'appendBatch',
      'Append a batch; the same content is stored once',
      { 200: AppendedBatch, 201: AppendedBatch },
      [400, 404, 413, 415, 422],
      {
        body: {
          content: Object.fromEntries(BATCH_TYPES.map((type) => [type, { schema: BatchBody }])),
        },
        config: { meters: 'storedBytes', streams: 'in' },
      },
    ),
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
