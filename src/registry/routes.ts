import type { FastifyInstance } from 'fastify';
import type { ForRequest } from '../api/for-request.js';
import { type PageQuery, pageRequest } from '../api/page.js';
import { problemResponses } from '../api/problem.js';
import { refusalToRemove } from './aliases.js';
import {
  AliasList,
  AliasParams,
  describeVersion,
  MovedAlias,
  MoveRequest,
  RemovedAliasParams,
  RollbackRequest,
  VersionComparison,
  VersionDescription,
  VersionList,
  VersionQuery,
} from './schema.js';
import type { VersionService } from './service.js';

const tags = ['versions'];

/** Mounts the routes that list and describe versions and aliases. */
export function versionRoutes(app: FastifyInstance, of: ForRequest<VersionService>): void {
  app.get<{ Params: { model: string }; Querystring: PageQuery }>(
    '/models/:model/versions',
    {
      config: { access: ['predict'] },
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
        query,
      } = request;
      return { model, ...(await of(request).list(model, pageRequest(query))) };
    },
  );

  app.get<{ Params: { model: string; version: string } }>(
    '/models/:model/versions/:version',
    {
      config: { access: ['predict'] },
      schema: {
        operationId: 'getVersion',
        summary: 'Describe a version: its spec, data and metrics',
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
      config: { access: ['predict'] },
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
      config: { access: ['predict'] },
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
      return { model, items: await of(request).aliases(model) };
    },
  );
}

/** Mounts the routes that move aliases and remove versions. */
export function adminRoutes(app: FastifyInstance, of: ForRequest<VersionService>): void {
  app.put<{ Params: AliasParams; Body: MoveRequest }>(
    '/models/:model/aliases/:alias',
    {
      config: { access: ['train', 'admin'] },
      schema: {
        operationId: 'moveAlias',
        summary: 'Point an alias to a version; the champion serves',
        tags,
        params: AliasParams,
        body: MoveRequest,
        response: { 200: MovedAlias, ...problemResponses(400, 403, 404, 409, 503) },
      },
    },
    async (request) => {
      const {
        params: { model, alias },
        body: { expected, ...target },
      } = request;
      return {
        model,
        alias,
        ...(await of(request).promote(model, alias, target, expected)),
      };
    },
  );

  app.post<{ Params: AliasParams; Body: RollbackRequest | undefined }>(
    '/models/:model/aliases/:alias/rollback',
    {
      config: { access: ['train', 'admin'] },
      schema: {
        operationId: 'rollBack',
        summary: 'Point an alias to its version before the last move',
        tags,
        params: AliasParams,
        // Optional; validated when present.
        body: { content: { 'application/json': { schema: RollbackRequest } } },
        response: { 200: MovedAlias, ...problemResponses(400, 403, 404, 409) },
      },
    },
    async (request) => {
      const {
        params: { model, alias },
        body,
      } = request;
      return {
        model,
        alias,
        ...(await of(request).rollback(model, alias, body?.expected)),
      };
    },
  );

  app.delete<{ Params: AliasParams }>(
    '/models/:model/aliases/:alias',
    {
      config: { access: ['train', 'admin'] },
      schema: {
        operationId: 'removeAlias',
        summary: 'Remove an alias, such as that of a challenger',
        tags,
        params: RemovedAliasParams,
        response: {
          204: { type: 'null', description: 'Removed.' },
          ...problemResponses(400, 403, 404),
        },
      },
      // Before the schema, whose message is less specific.
      preValidation: ({ params: { alias } }, _reply, done) => done(refusalToRemove(alias)),
    },
    async (request, reply) => {
      const {
        params: { model, alias },
      } = request;
      await of(request).removeAlias(model, alias);
      return reply.code(204).send();
    },
  );

  app.delete<{ Params: { model: string; version: string } }>(
    '/models/:model/versions/:version',
    {
      config: { access: ['train', 'admin'] },
      schema: {
        operationId: 'deleteVersion',
        summary: 'Remove a version that no alias points to',
        tags,
        response: {
          204: { type: 'null', description: 'Removed.' },
          ...problemResponses(403, 404, 409),
        },
      },
    },
    async (request, reply) => {
      const {
        params: { model, version },
      } = request;
      await of(request).delete(model, version);
      return reply.code(204).send();
    },
  );
}
