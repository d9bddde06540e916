import type { FastifyInstance } from 'fastify';
import type { ForRequest } from '../api/for-request.js';
import { problemResponses } from '../api/problem.js';
import {
  AliasList,
  describeVersion,
  VersionComparison,
  VersionDescription,
  VersionList,
  VersionQuery,
} from './schema.js';
import type { VersionService } from './service.js';

const LIMIT = 20;
const tags = ['versions'];

/** Mounts the routes that show versions and aliases. */
export function versionRoutes(app: FastifyInstance, of: ForRequest<VersionService>): void {
  app.get<{ Params: { model: string }; Querystring: VersionQuery }>(
    '/models/:model/versions',
    {
      schema: {
        operationId: 'listVersions',
        summary: 'List the versions of a model, the newest first',
        tags,
        querystring: VersionQuery,
        response: { 200: VersionList, ...problemResponses(400, 404) },
      },
    },
    async (request) => {
      const {
        params: { model },
        query: { limit = LIMIT, cursor },
      } = request;
      const { items, ...more } = await of(request).list(model, limit, cursor);
      return { model, versions: items, ...more };
    },
  );

  app.get<{ Params: { model: string; version: string } }>(
    '/models/:model/versions/:version',
    {
      schema: {
        operationId: 'getVersion',
        summary: 'Show the card of a version: its spec, its data, how good it is',
        tags,
        response: { 200: VersionDescription, ...problemResponses(404, 503) },
      },
    },
    async (request) => {
      const {
        params: { model, version },
      } = request;
      return describeVersion(model, await of(request).describe(model, version));
    },
  );

  app.get<{ Params: { model: string; a: string; b: string } }>(
    '/models/:model/versions/:a/compare/:b',
    {
      schema: {
        operationId: 'compareVersions',
        summary: 'Compare two versions, by id or alias: their metrics and specs',
        tags,
        response: { 200: VersionComparison, ...problemResponses(404, 503) },
      },
    },
    async (request) => {
      const {
        params: { model, a, b },
      } = request;
      return { model, ...(await of(request).compare(model, a, b)) };
    },
  );

  app.get<{ Params: { model: string } }>(
    '/models/:model/aliases',
    {
      schema: {
        operationId: 'listAliases',
        summary: 'List the aliases of a model, and which versions they point to',
        tags,
        response: { 200: AliasList, ...problemResponses(404) },
      },
    },
    async (request) => {
      const {
        params: { model },
      } = request;
      return { model, aliases: await of(request).aliases(model) };
    },
  );
}
