import type { FastifyInstance } from 'fastify';
import * as Type from 'typebox';
import { COUNT, NAME, type PageQuery, pageQuery, pageRequest } from '../api/page.js';
import { type ForRequest, REMOVED, routesOf } from '../api/route.js';
import { ModelName } from '../ml/spec.js';
import { batchRoutes } from './batch-routes.js';
import { DatasetDefinition } from './definition.js';
import { Dataset, DatasetList, NamedDefinition, showDataset } from './schema.js';
import type { DatasetService } from './service.js';
import { uploadRoutes } from './upload-routes.js';
import type { UploadService } from './uploads.js';

/** Services of the routes. Uploads have a service of their own, as their store, limits and chores are separate. */
export interface DatasetServices {
  datasets: DatasetService;
  uploads: UploadService;
}

type OfDataset = { Params: { dataset: string } };

const route = routesOf('datasets', ['data']);

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
    route('listDatasets', 'List the datasets', { 200: DatasetList }, [400], {
      querystring: pageQuery(NAME),
    }),
    async (request) => (await load(request)).datasets.list(pageRequest(request.query)),
  );

  app.get<OfDataset & { Querystring: PageQuery }>(
    '/datasets/:dataset',
    route(
      'getDataset',
      'Describe a dataset: its schema, totals and batches',
      { 200: Dataset },
      [400, 404],
      { querystring: pageQuery(COUNT) },
    ),
    async (request) => {
      const { datasets } = await load(request);
      const page = pageRequest(request.query);
      return showDataset(await datasets.describe(request.params.dataset, page));
    },
  );

  app.put<OfDataset & { Body: DatasetDefinition }>(
    '/datasets/:dataset',
    {
      ...route(
        'defineDataset',
        'Create a dataset, or replace its schema and keep its batches',
        { 200: NamedDefinition, 201: NamedDefinition },
        [400, 415, 422],
        { params: Type.Object({ dataset: ModelName }), body: DatasetDefinition },
      ),
      // The service names the fault of a feature; a union would list the faults of every kind.
      validatorCompiler: () => (value) => ({ value }),
    },
    async (request, reply) => {
      const { dataset } = request.params;
      const done = await (await load(request)).datasets.define(dataset, request.body);
      if (done === 'created') reply.code(201).header('location', `/datasets/${dataset}`);
      return { name: dataset, ...request.body };
    },
  );

  app.delete<OfDataset>(
    '/datasets/:dataset',
    route('removeDataset', 'Remove a dataset with all its batches', { 204: REMOVED }, [404]),
    async (request, reply) => {
      await (await load(request)).datasets.remove(request.params.dataset);
      return reply.code(204).send();
    },
  );
}
