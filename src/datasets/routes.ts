import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ForRequest } from '../api/for-request.js';
import { COUNT, NAME, type PageQuery, pageQuery, pageRequest } from '../api/page.js';
import { problemResponses } from '../api/problem.js';
import { ModelName } from '../ml/spec.js';
import { batchRoutes } from './batch-routes.js';
import { DatasetDefinition } from './definition.js';
import { Dataset, DatasetList, NamedDefinition, showDataset } from './schema.js';
import type { DatasetService } from './service.js';
import { uploadRoutes } from './upload-routes.js';
import type { UploadService } from './uploads.js';

/** Services of the routes. */
export interface DatasetServices {
  datasets: DatasetService;
  uploads: UploadService;
}

type OfDataset = { Params: { dataset: string } };

const tags = ['datasets'];

/** Mounts the routes of datasets, batches and uploads. @param load opens the services on first use */
export function datasetRoutes(
  app: FastifyInstance,
  load: ForRequest<Promise<DatasetServices>>,
): void {
  definitionRoutes(app, load);
  batchRoutes(app, load);
  uploadRoutes(app, load);
}

function definitionRoutes(app: FastifyInstance, load: ForRequest<Promise<DatasetServices>>): void {
  app.get<{ Querystring: PageQuery }>(
    '/datasets',
    {
      config: { access: ['data'] },
      schema: {
        operationId: 'listDatasets',
        summary: 'List the datasets',
        tags,
        querystring: pageQuery(NAME),
        response: { 200: DatasetList, ...problemResponses(400) },
      },
    },
    async (request) => {
      const { query } = request;
      return (await load(request)).datasets.list(pageRequest(query));
    },
  );

  app.get<OfDataset & { Querystring: PageQuery }>(
    '/datasets/:dataset',
    {
      config: { access: ['data'] },
      schema: {
        operationId: 'getDataset',
        summary: 'Describe a dataset: its schema, totals and batches',
        tags,
        querystring: pageQuery(COUNT),
        response: { 200: Dataset, ...problemResponses(400, 404) },
      },
    },
    async (request) => {
      const {
        params: { dataset },
        query,
      } = request;
      return showDataset(
        await (await load(request)).datasets.describe(dataset, pageRequest(query)),
      );
    },
  );

  app.put<OfDataset & { Body: DatasetDefinition }>(
    '/datasets/:dataset',
    {
      config: { access: ['data'] },
      schema: {
        operationId: 'defineDataset',
        summary: 'Create a dataset, or replace its schema and keep its batches',
        tags,
        params: Type.Object({ dataset: ModelName }),
        body: DatasetDefinition,
        response: {
          200: NamedDefinition,
          201: NamedDefinition,
          ...problemResponses(400, 415, 422),
        },
      },
      // The service names the fault of a feature; a union would list the faults of every kind.
      validatorCompiler: () => (value) => ({ value }),
    },
    async (request, reply) => {
      const {
        params: { dataset },
        body,
      } = request;
      const done = await (await load(request)).datasets.define(dataset, body);
      if (done === 'created') reply.code(201).header('location', `/datasets/${dataset}`);
      return { name: dataset, ...body };
    },
  );

  app.delete<OfDataset>(
    '/datasets/:dataset',
    {
      config: { access: ['data'] },
      schema: {
        operationId: 'removeDataset',
        summary: 'Remove a dataset with all its batches',
        tags,
        response: { 204: { type: 'null', description: 'Removed.' }, ...problemResponses(404) },
      },
    },
    async (request, reply) => {
      const {
        params: { dataset },
      } = request;
      await (await load(request)).datasets.remove(dataset);
      return reply.code(204).send();
    },
  );
}
